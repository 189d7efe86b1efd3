import type { PasswordInputProps } from '@mantine/core'
import type { TFunction } from 'i18next'
import { Icon } from './Icon'

/** The eye in a password field, with a name and a place in the order of keys. */
export function reveal(t: TFunction): Partial<PasswordInputProps> {
  return {
    visibilityToggleIcon: ({ reveal: shown }) => <Icon name={shown ? 'eye-off' : 'eye'} />,
    visibilityToggleButtonProps: { 'aria-label': t('login.showPassword'), tabIndex: 0 },
  }
}
