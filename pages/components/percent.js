/** A fraction, 0..1, in per cent; never rounded to 0 or 100, as the server's text is. */
const percent = (fraction) => {
  if (fraction > 0 && fraction < 0.005) return "under 1\u00a0%"
  return fraction >= 0.995 && fraction < 1 ? "over 99\u00a0%" : `${Math.round(100 * fraction)}\u00a0%`
}
