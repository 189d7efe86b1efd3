import { type IconName, icons } from './icons'

/** A drawing beside a word; screen readers pass over it. `size` in px of a 16 px root. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  const rem = `${size / 16}rem`
  return (
    <svg
      className="sb-icon"
      viewBox="0 0 24 24"
      style={{ width: rem, height: rem }}
      aria-hidden="true"
    >
      {icons[name].map((d) => (
        <path key={d} d={d} />
      ))}
    </svg>
  )
}
