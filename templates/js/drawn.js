// All is drawn.
document.documentElement.classList.add("scripted");
