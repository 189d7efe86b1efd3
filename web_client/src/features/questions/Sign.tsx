// Outlines on a 24 × 24 grid as in ui/icons.ts, which comes with the first page of all: these come with questions.
// From Lucide, ISC licence: Copyright (c) Lucide Icons and Contributors; its notice stands there.
const SIGNS = {
  grip: ['M9 5h.01M9 12h.01M9 19h.01M15 5h.01M15 12h.01M15 19h.01'],
  up: ['m18 15l-6-6l-6 6'],
  bookmark: ['M17 3H7a2 2 0 0 0-2 2v16l7-4l7 4V5a2 2 0 0 0-2-2z'],
  next: ['M5 12h14m-7-7l7 7l-7 7'],
  'cloud-off': [
    'M2 2l20 20',
    'M5.782 5.782A7 7 0 0 0 9 19h8.5a4.5 4.5 0 0 0 1.307-.193',
    'M21.532 16.5A4.5 4.5 0 0 0 17.5 10h-1.79A7.008 7.008 0 0 0 10 5.07',
  ],
  stop: ['M7 5h10a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2z'],
} as const

/** A drawing beside a word; screen readers pass over it. */
export function Sign({ name, size = 20, full = false }: { name: keyof typeof SIGNS; size?: number; full?: boolean }) {
  const rem = `${size / 16}rem`
  return (
    <svg
      className="sb-icon"
      viewBox="0 0 24 24"
      style={{ width: rem, height: rem, fill: full ? 'currentColor' : undefined }}
      aria-hidden="true"
    >
      {SIGNS[name].map((d) => (
        <path key={d} d={d} />
      ))}
    </svg>
  )
}
