import i18next from 'i18next'
import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core'
import { createElement } from 'react'
import { Icon } from './ui/Icon'

// The ten shades of each scale, as in styles/tokens.css: Mantine computes contrast from hex values.
const scale = (shades: string) => shades.split(' ') as unknown as MantineColorsTuple
const kok = scale('#edf8fa #d9eff4 #b9e1ea #90cedb #65b8c8 #3f9cad #1d7f8f #046573 #034d58 #05333a')
const felt = scale(
  '#f6f6f3 #ebebe7 #dad9d5 #c3c3be #aaa9a4 #8f8e88 #73726c #5a5a54 #45443e #2d2d28',
)
const ink = scale('#f2f7f9 #e4ecef #d1dbdf #b8c5ca #9cacb2 #809197 #63757c #4b5d63 #37474c #222f34')
const leaf = scale(
  '#eff9f0 #dbf1df #bde5c4 #97d4a3 #71be82 #50a265 #37844c #28693a #1d502b #13351c',
)
const saffron = scale(
  '#fef4e7 #fde7ca #fbd19a #f3b660 #df9926 #be7f03 #996502 #795001 #5d3c03 #3f2700',
)
const madder = scale(
  '#fef3f2 #fee3e1 #fccbc7 #f8aca6 #ef8781 #de5f5c #c23a3d #9f252a #7a1b1e #521213',
)
const iris = scale(
  '#f6f4fd #eae8fa #d9d4f5 #c3bbed #aa9ee1 #8f80cc #7463b0 #5c4b92 #463871 #2e254c',
)

const field = {
  classNames: { root: 'sb-field', label: 'sb-label', error: 'sb-error', description: 'sb-help' },
  defaultProps: { inputWrapperOrder: ['label', 'input', 'error', 'description'] as Order },
}
type Order = ('label' | 'input' | 'error' | 'description')[]

const pointed = { rightSection: createElement(Icon, { name: 'chevron-down', size: 18 }) }

/** In the language of the moment when it is drawn. */
const closing = {
  get 'aria-label'() {
    return i18next.t('common.close')
  },
}

export const theme = createTheme({
  colors: { kok, gray: felt, dark: ink, leaf, saffron, madder, iris },
  primaryColor: 'kok',
  primaryShade: { light: 7, dark: 3 },
  autoContrast: true,
  black: '#16242b',
  fontFamily: '"Onest Variable","Noto Sans",system-ui,sans-serif',
  headings: { fontWeight: '620', textWrap: 'balance' },
  fontSizes: { xs: '.8125rem', sm: '.875rem', md: '.9375rem', lg: '1.0625rem', xl: '1.25rem' },
  spacing: { xs: '.5rem', sm: '.75rem', md: '1rem', lg: '1.5rem', xl: '2rem' },
  radius: { xs: '4px', sm: '6px', md: '10px', lg: '16px', xl: '999px' },
  defaultRadius: 'sm',
  respectReducedMotion: true,
  focusClassName: 'sb-focus',
  // By name and without `extend`, so that no part comes to a page that does not show it.
  components: {
    Button: { classNames: { root: 'sb-btn' }, defaultProps: { variant: 'filled' } },
    ActionIcon: { defaultProps: { variant: 'subtle', size: 44 } },
    TextInput: field,
    PasswordInput: field,
    NativeSelect: { ...field, defaultProps: { ...field.defaultProps, ...pointed } },
    Textarea: field,
    Notification: { defaultProps: { closeButtonProps: closing } },
  },
})

const roles = {
  '--mantine-color-body': 'var(--sb-bg)',
  '--mantine-color-text': 'var(--sb-text)',
  '--mantine-color-dimmed': 'var(--sb-muted)',
  '--mantine-color-anchor': 'var(--sb-link)',
  '--mantine-color-error': 'var(--sb-madder-fg)',
  '--mantine-color-placeholder': 'var(--sb-muted)',
  '--mantine-color-default': 'var(--sb-surface)',
  '--mantine-color-default-hover': 'var(--sb-hover)',
  '--mantine-color-default-color': 'var(--sb-text)',
  '--mantine-color-default-border': 'var(--sb-line-strong)',
}

/** Roles stay CSS variables, set for both schemes because Mantine writes its own there. */
export const resolver: CSSVariablesResolver = () => ({ variables: {}, light: roles, dark: roles })
