// Copyright (c) 2026 The zstack.aios authors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Return the visible texts whose computed color has less than this contrast (WCAG 2.2) with the computed background.
(least) => {
  const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const parsed = new Map();
  // A color as red, green, blue (0 to 255) and alpha (0 to 1), whatever its notation
  const parse = (color) => {
    if (!parsed.has(color)) {
      const found = color.match(/^rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)$/);
      if (found) {
        parsed.set(color, [+found[1], +found[2], +found[3], found[4] === undefined ? 1 : +found[4]]);
      } else {
        context.clearRect(0, 0, 1, 1);
        context.fillStyle = color;
        context.fillRect(0, 0, 1, 1);
        const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
        parsed.set(color, [red, green, blue, alpha / 255]);
      }
    }
    return parsed.get(color);
  };
  const blend = (top, under) => [0, 1, 2].map((place) => top[place] * top[3] + under[place] * (1 - top[3])).concat(1);
  const luminance = (color) => {
    const [red, green, blue] = color.slice(0, 3).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const styles = new Map();
  // The background behind an element, and its opacity together with those of its parents
  const behind = (element) => {
    if (!element) {
      return { background: dark ? [18, 18, 18, 1] : [255, 255, 255, 1], opacity: 1 };
    }
    if (!styles.has(element)) {
      const style = getComputedStyle(element);
      const parent = behind(element.parentElement);
      styles.set(element, { background: blend(parse(style.backgroundColor), parent.background), opacity: parent.opacity * style.opacity });
    }
    return styles.get(element);
  };
  const found = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || seen.has(element) || element.closest('script, style, noscript, svg, template')) continue;
    seen.add(element);
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true, contentVisibilityAuto: true })) continue;
    const { background, opacity } = behind(element);
    const color = parse(getComputedStyle(element).color);
    const text = blend([color[0], color[1], color[2], color[3] * opacity], background);
    const [more, less] = [luminance(text), luminance(background)].sort((one, other) => other - one);
    const contrast = (more + 0.05) / (less + 0.05);
    if (contrast < least) {
      const key = element.tagName.toLowerCase() + '.' + element.className;
      if (!found.has(key)) found.set(key, `${key} has the contrast ${contrast.toFixed(2)}: ${node.data.trim().slice(0, 40)}`);
    }
  }
  return [...found.values()];
}
