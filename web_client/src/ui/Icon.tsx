import { type IconName, icons } from './icons'

/** A drawing beside a word; screen readers pass over it. `size` in px. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg className="sb-icon" viewBox="0 0 24 24" width={size} height={size} aria-hidden="true">
      {icons[name].map((d) => (
        <path key={d} d={d} />
      ))}
    </svg>
  )
}
