/* What can be seen of a picture without reading it: light, colour, focus. As vision/quality.py measures them on
   the tongue; tests/journeys/test_camera.py holds the two together. Pure: pixels in, figures out. */
(() => {
  "use strict";

  const CLIPPED = 250;
  const RIM_PX = 6;
  const WAYS = [[0, 2], [2, 0], [2, 2], [2, -2]];
  const LINEAR = Float64Array.from({ length: 256 }, (_, code) => {
    const part = code / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });

  function median(values) {
    if (!values.length) return 0;
    const sorted = Float64Array.from(values).sort();
    const middle = sorted.length >> 1;
    return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /* CIE Lab under D65 of one sRGB pixel. */
  function lab(red, green, blue) {
    const [r, g, b] = [LINEAR[red], LINEAR[green], LINEAR[blue]];
    const f = (t) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
    const x = f((0.412453 * r + 0.35758 * g + 0.180423 * b) / 0.950456);
    const luminance = 0.212671 * r + 0.71516 * g + 0.072169 * b;
    const y = f(luminance);
    const z = f((0.019334 * r + 0.119193 * g + 0.950227 * b) / 1.088754);
    return [luminance > 0.008856 ? 116 * y - 16 : 903.3 * luminance, 500 * (x - y), 200 * (y - z)];
  }

  function greyOf(pixels) {
    return Float32Array.from({ length: pixels.length / 4 }, (_, at) =>
      Math.round(0.299 * pixels[4 * at] + 0.587 * pixels[4 * at + 1] + 0.114 * pixels[4 * at + 2]));
  }

  /* Mirrored at the edge without repeating it. */
  function mirrored(at, length) {
    if (length === 1) return 0;
    const period = 2 * (length - 1);
    const within = ((at % period) + period) % period;
    return within < length ? within : period - within;
  }

  function blurred(grey, width, height, sigma) {
    const reach = 4 * sigma;
    const kernel = Array.from({ length: 2 * reach + 1 }, (_, at) => Math.exp(-((at - reach) ** 2) / (2 * sigma * sigma)));
    const sum = kernel.reduce((total, weight) => total + weight, 0);
    const pass = (from, along, across, step, stride) => {
      const to = new Float32Array(from.length);
      for (let at = 0; at < along; at += 1) {
        const places = kernel.map((_, tap) => mirrored(at + tap - reach, along) * step);
        for (let line = 0; line < across; line += 1) {
          let total = 0;
          for (let tap = 0; tap < kernel.length; tap += 1) total += kernel[tap] * from[places[tap] + line * stride];
          to[at * step + line * stride] = total / sum;
        }
      }
      return to;
    };
    return pass(pass(grey, width, height, 1, width), height, width, width, 1);
  }

  /* The places whose whole neighbourhood lies inside. */
  function deepInside(inside, width, height) {
    const shrink = (from, along, across, step, stride) => {
      const to = new Uint8Array(from.length);
      for (let line = 0; line < across; line += 1) {
        let run = 0;
        for (let at = 0; at < along; at += 1) {
          run = from[at * step + line * stride] ? run + 1 : 0;
          if (run > 2 * RIM_PX) to[(at - RIM_PX) * step + line * stride] = 1;
        }
      }
      return to;
    };
    return shrink(shrink(inside, width, height, 1, width), height, width, width, 1);
  }

  function spread(values, places) {
    let sum = 0;
    let squares = 0;
    for (const at of places) {
      const value = values(at);
      sum += value;
      squares += value * value;
    }
    const mean = sum / places.length;
    return Math.sqrt(Math.max(0, squares / places.length - mean * mean));
  }

  function sharpnessOf(grey, inside, width, height) {
    const deep = deepInside(inside, width, height);
    const places = [];
    for (let at = 0; at < deep.length; at += 1) if (deep[at]) places.push(at);
    if (!places.length) return 0;
    const smooth = blurred(grey, width, height, 1);
    const coarse = blurred(grey, width, height, 4);
    const detail = spread((at) => smooth[at] - coarse[at], places) + 0.5;
    // What is deep inside lies far enough from the edge for every neighbour to be there.
    return Math.min(...WAYS.map(([down, right]) => {
      const step = down * width + right;
      return spread((at) => 2 * smooth[at] - smooth[at + step] - smooth[at - step], places);
    })) / detail;
  }

  /* pixels: RGBA of width x height; inside: one number a pixel, 0 outside. */
  function measure(pixels, width, height, inside) {
    const parts = [[], [], []];
    let burnt = 0;
    for (let at = 0; at < inside.length; at += 1) {
      if (!inside[at]) continue;
      const [red, green, blue] = [pixels[4 * at], pixels[4 * at + 1], pixels[4 * at + 2]];
      lab(red, green, blue).forEach((part, which) => parts[which].push(part));
      if (Math.max(red, green, blue) >= CLIPPED) burnt += 1;
    }
    const [lightness, redness, yellowness] = parts.map(median);
    const grey = greyOf(pixels);
    return {
      lightness, redness, yellowness, grey,
      burnt_share: burnt / Math.max(1, parts[0].length),
      sharpness: sharpnessOf(grey, inside, width, height),
    };
  }

  /* What is wrong with it, the most disturbing first; empty where nothing is. */
  function judge(seen, limits) {
    const outside = (value, [least, most]) => value < least || value > most;
    if (seen.lightness < limits.least_lightness) return "dark";
    if (seen.lightness > limits.most_lightness || seen.burnt_share > limits.most_burnt_share) return "bright";
    if (outside(seen.redness, limits.redness) || outside(seen.yellowness, limits.yellowness)) return "colour_cast";
    if (seen.sharpness < limits.least_sharpness) return "blurred";
    return "";
  }

  /* How far two pictures of one size are apart, in codes of grey, apart from the light as a whole. */
  function moved(grey, before) {
    let shift = 0;
    for (let at = 0; at < grey.length; at += 1) shift += grey[at] - before[at];
    shift /= grey.length;
    let apart = 0;
    for (let at = 0; at < grey.length; at += 1) apart += Math.abs(grey[at] - before[at] - shift);
    return apart / grey.length;
  }

  window.tangyePicture = { measure, judge, moved };
})();
