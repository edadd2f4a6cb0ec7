// What the pages use of d3; all else is left out of the bundle.
export { range } from "d3-array";
export { axisBottom, axisLeft } from "d3-axis";
export { contours } from "d3-contour";
export { scaleLinear, scaleLog } from "d3-scale";
export { create } from "d3-selection";
