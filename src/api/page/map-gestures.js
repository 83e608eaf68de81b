// How a person moves the map: one pointer drags, two pinch, the wheel zooms at the pointer, a click picks; with the
// canvas in focus the arrow keys and + - work too, and Enter picks the middle.

/** A pointer that moves less is a click. */
const STILL_PIXELS = 4;

/** Calls `zoom(factor, x, y)`, `pan(dx, dy)` and `pick(x, y)`, in pixels of the canvas. */
export function followGestures(canvas, zoom, pan, pick) {
  const held = new Map();
  /** Where the only pointer went down, until it moves or another comes. */
  let pressed = null;
  const spread = () => {
    const [a, b] = held.values();
    return Math.hypot(a[0] - b[0], a[1] - b[1]);
  };
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    held.set(event.pointerId, [event.offsetX, event.offsetY]);
    pressed = held.size === 1 && event.button === 0 ? [event.offsetX, event.offsetY] : null;
  });
  canvas.addEventListener('pointermove', (event) => {
    const last = held.get(event.pointerId);
    if (!last) return;
    if (pressed && Math.hypot(event.offsetX - pressed[0], event.offsetY - pressed[1]) < STILL_PIXELS) return;
    pressed = null;
    const wide = held.size === 2 ? spread() : 0;
    held.set(event.pointerId, [event.offsetX, event.offsetY]);
    if (wide > 0) zoom(spread() / wide, event.offsetX, event.offsetY);
    else pan(event.offsetX - last[0], event.offsetY - last[1]);
  });
  for (const end of ['pointerup', 'pointercancel']) {
    canvas.addEventListener(end, (event) => {
      if (pressed && end === 'pointerup') pick(...pressed);
      pressed = null;
      held.delete(event.pointerId);
    });
  }
  canvas.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      zoom(2 ** (-event.deltaY / 300), event.offsetX, event.offsetY);
    },
    {passive: false},
  );
  const moves = {ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60]};
  canvas.addEventListener('keydown', (event) => {
    if (moves[event.key]) pan(...moves[event.key]);
    else if (event.key === '+' || event.key === '=') zoom(1.6);
    else if (event.key === '-') zoom(1 / 1.6);
    else if (event.key === 'Enter') event.repeat || pick();
    else return;
    event.preventDefault();
  });
}
