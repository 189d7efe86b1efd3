import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { useTranslation } from 'react-i18next'
import { Routes } from './Routes'
import { type Services, ServicesContext } from './services'
import { resolver, theme } from './theme'
import { ErrorBoundary } from './ui/ErrorBoundary'

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
        <Notifications position="top-center" limit={3} autoClose={5000} />
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
