// From a slider's places to values and back: evenly, or by equal factors. Needs no page.

const PLACES = 1000;
// Numbers with as many digits as a slider can tell apart.
const rounded = (value, digits = 3) => Number(value.toPrecision(digits));

// The value at a place of a control's slider.
const valueAt = ({ range: [low, high], logarithmic, whole }, place) => {
  const share = place / PLACES;
  if (place <= 0) return low;
  if (place >= PLACES) return high;
  const value = logarithmic ? low * (high / low) ** share : low + (high - low) * share;
  return whole ? Math.round(value) : rounded(value);
};
// The place of a value; at an end for what is beyond it.
const placeAt = ({ range: [low, high], logarithmic }, value) => {
  const share = logarithmic ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  return Math.min(Math.max(Math.round(share * PLACES), 0), PLACES) || 0;
};
gd.slider = { PLACES, valueAt, placeAt };
