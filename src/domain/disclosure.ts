// What of an event is told outside, and what stays in the dossier.

/**
 * A copy without `purchaserHmac`, however deep. Who bought is never answered back: who could read the hash could put it
 * into the scan of another person's ID, and the check against the purchaser would hold.
 */
export function withoutPurchaser<T>(detail: T): T {
  if (typeof detail !== 'object' || detail === null) return detail;
  if (Array.isArray(detail)) return detail.map(withoutPurchaser) as T;
  const told = Object.entries(detail).filter(([name]) => name !== 'purchaserHmac');
  return Object.fromEntries(told.map(([name, value]) => [name, withoutPurchaser(value)])) as T;
}
