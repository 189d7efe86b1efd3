import { MantineProvider } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Routes } from './Routes'
import { type Services, ServicesContext } from './services'
import { resolver, theme } from './theme'
import { ErrorBoundary } from './ui/ErrorBoundary'
import { Notices } from './ui/Notices'

export function App({ services, nonce }: { services: Services; nonce: string }) {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={resolver}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <ServicesContext value={services}>
        <SkipLink />
        <ErrorBoundary>
          <Routes />
        </ErrorBoundary>
        <Notices />
      </ServicesContext>
    </MantineProvider>
  )
}

function SkipLink() {
  const { t } = useTranslation()
  return (
    <a className="skip" href="#main">
      {t('app.skip')}
    </a>
  )
}
