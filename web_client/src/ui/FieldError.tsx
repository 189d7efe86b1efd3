import { Icon } from './Icon'

/** An error below its field, announced when it appears. */
export function FieldError({ children }: { children: string }) {
  return (
    <p role="alert" className="field-error">
      <Icon name="circle-alert" size={16} />
      <span>{children}</span>
    </p>
  )
}
