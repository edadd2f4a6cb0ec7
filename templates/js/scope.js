// The page's script, all in one scope; what is in a part stays there but for what it puts into `gd`.
"use strict";
(() => {
const gd = {};
