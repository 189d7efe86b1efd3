import { Link } from 'wouter'

export function MarkDrawing() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path
        strokeWidth="2.4"
        strokeLinecap="round"
        d="M21.8 10.2C20.4 8.4 18.3 7.6 16 7.6c-3 0-5.4 1.5-5.4 4 0 5.7 11 3.1 11 8.8 0 2.6-2.6 4-5.6 4-2.4 0-4.6-.8-6-2.7"
      />
      <circle cx="22" cy="10.4" r="2.5" />
      <circle cx="9.9" cy="21.6" r="2.5" />
    </svg>
  )
}

/** The name of the product, leading home. */
export function Mark({ word = true }: { word?: boolean }) {
  return (
    <Link href="/" className="mark" aria-label="Sabaq">
      <MarkDrawing />
      {word && <span>Sabaq</span>}
    </Link>
  )
}
