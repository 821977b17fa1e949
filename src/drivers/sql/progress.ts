const percentProcessed = 3211

/** Tells how far a BACKUP or RESTORE has come. The message is in the server's language; the figure is in all of them. */
export function reportProgress(
  message: { number: number; message: string },
  onProgress: ((percent: number) => void) | undefined,
): void {
  const percent = message.number === percentProcessed ? /\d{1,3}/.exec(message.message) : null
  if (percent) onProgress?.(Number(percent[0]))
}
