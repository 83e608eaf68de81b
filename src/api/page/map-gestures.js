// How a person moves the map: one pointer drags, two pinch, the wheel zooms at the pointer; with the canvas in focus
// the arrow keys and + - work too.

/** Calls `zoom(factor, x, y)` and `pan(dx, dy)`, in pixels of the canvas. */
export function followGestures(canvas, zoom, pan) {
  const held = new Map();
  const spread = () => {
    const [a, b] = held.values();
    return Math.hypot(a[0] - b[0], a[1] - b[1]);
  };
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    held.set(event.pointerId, [event.offsetX, event.offsetY]);
  });
  canvas.addEventListener('pointermove', (event) => {
    const last = held.get(event.pointerId);
    if (!last) return;
    const wide = held.size === 2 ? spread() : 0;
    held.set(event.pointerId, [event.offsetX, event.offsetY]);
    if (wide > 0) zoom(spread() / wide, event.offsetX, event.offsetY);
    else pan(event.offsetX - last[0], event.offsetY - last[1]);
  });
  for (const end of ['pointerup', 'pointercancel']) {
    canvas.addEventListener(end, (event) => held.delete(event.pointerId));
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
    else return;
    event.preventDefault();
  });
}
