import { lazy, Suspense, useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { Redirect, Route, Switch, useLocation, useSearch } from 'wouter'
import type { Me, SetupState } from './api/types'
import { useValue } from './base/react'
import { type HeldUp, safeNext } from './features/entrance/model'
import { Shell } from './features/shell/View'
import { Today } from './features/today/View'
import { MeContext } from './me'
import { useServices } from './services'
import { NotFound, Unavailable } from './ui/Lost'
import { Waiting } from './ui/Waiting'

const LessonPage = lazy(() => import('./features/lesson/Page'))
const DevicesPage = lazy(() => import('./features/devices/View'))
const WelcomePage = lazy(() => import('./features/welcome/View'))
const DemoPage = lazy(() => import('./features/welcome/DemoView'))
const SetUpPage = lazy(() => import('./features/setup/View'))
const ConnectionPage = lazy(() => import('./features/connection/View'))
const SchoolPages = lazy(() => import('./features/school/View'))
const LocksPage = lazy(() => import('./features/locks/View'))
const HeldUpPage = lazy(() => import('./features/locks/HeldUp'))
const AuditPage = lazy(() => import('./features/audit/View'))
const LearnersPage = lazy(() => import('./features/learners/View'))
const RecordingsPage = lazy(() => import('./features/playback/List'))
const RecordingPage = lazy(() => import('./features/playback/Page'))
const ReportPage = lazy(() => import('./features/report/View'))
const ConsultationsPage = lazy(() => import('./features/consultations/View'))
const LogIn = lazy(() => import('./features/login/View').then((found) => ({ default: found.LogIn })))
const CodePage = lazy(() => import('./features/login/Code'))
const ForgottenPage = lazy(() => import('./features/login/Forgotten'))
const ThreadsPage = lazy(() => import('./features/threads/View'))
const SettingsPage = lazy(() => import('./features/settings/View'))

export function Routes() {
  const { t } = useTranslation()
  const { entrance } = useServices()
  const presence = useValue(entrance.presence)
  const waiting = (
    <main id="main" style={{ padding: '2rem' }}>
      <Waiting>{t('app.loading')}</Waiting>
    </main>
  )
  if (presence.phase === 'looking') return waiting
  if (presence.phase === 'failed') {
    return <Unavailable error={presence.error} retry={() => void entrance.look()} />
  }
  return (
    <Suspense fallback={waiting}>
      <Switch>
        <Route path="/devices" component={DevicesPage} />
        <Route path="/set-up" component={SetUpPage} />
        <Route path="/demo" component={DemoPage} />
        <Route path="/log-in/code" component={CodePage} />
        <Route path="/log-in/forgotten" component={ForgottenPage} />
        <Route>
          {presence.phase === 'in' ? (
            <Inside me={presence.me} heldUp={presence.heldUp} />
          ) : (
            <Outside setup={presence.setup} />
          )}
        </Route>
      </Switch>
    </Suspense>
  )
}

function Inside({ me, heldUp }: { me: Me; heldUp: HeldUp | null }) {
  const search = useSearch()
  const { entrance } = useServices()
  const staying = useValue(entrance.staying)
  if (heldUp && staying === 0) {
    return (
      <MeContext value={me}>
        <HeldUpPage what={heldUp} />
      </MeContext>
    )
  }
  return (
    <MeContext value={me}>
      <Switch>
        <Route path="/log-in">
          <Redirect to={safeNext(search)} replace />
        </Route>
        <Route path="/welcome">
          <Redirect to="/" replace />
        </Route>
        <Route path="/lessons/:id">{({ id }) => <LessonPage key={id} lessonId={id} />}</Route>
        <Route path="/">
          <Shell>
            <Today />
          </Shell>
        </Route>
        <Route path="/school/*?">
          <Shell>
            <SchoolPages />
          </Shell>
        </Route>
        <Route path="/settings">
          <Shell>
            <SettingsPage />
          </Shell>
        </Route>
        <Route path="/settings/locks">
          <Shell>
            <LocksPage />
          </Shell>
        </Route>
        <Route path="/learners">
          <Shell>
            <LearnersPage />
          </Shell>
        </Route>
        <Route path="/recordings">
          <Shell>
            <RecordingsPage />
          </Shell>
        </Route>
        <Route path="/recordings/:id">{({ id }) => <RecordingPage key={id} id={id} />}</Route>
        <Route path="/lessons/:id/report">
          {({ id }) => (
            <Shell>
              <ReportPage key={id} lessonId={id} />
            </Shell>
          )}
        </Route>
        <Route path="/consultations">
          <Shell>
            <ConsultationsPage />
          </Shell>
        </Route>
        <Route path="/threads/:course?">
          {({ course }) => (
            <Shell>
              <ThreadsPage courseId={course} />
            </Shell>
          )}
        </Route>
        <Route path="/audit">
          <Shell>
            <AuditPage />
          </Shell>
        </Route>
        <Route path="/connection">
          <Shell>
            <ConnectionPage />
          </Shell>
        </Route>
        <Route component={NotFound} />
      </Switch>
    </MeContext>
  )
}

function Outside({ setup }: { setup: SetupState }) {
  return (
    <Switch>
      <Route path="/log-in">
        {setup.state === 'empty' ? <Redirect to="/welcome" replace /> : <LogIn setup={setup} />}
      </Route>
      <Route path="/welcome">
        {setup.state === 'ready' ? (
          <Redirect to="/log-in" replace />
        ) : (
          <WelcomePage setup={setup} />
        )}
      </Route>
      <Route>{setup.state === 'empty' ? <Redirect to="/welcome" replace /> : <ToLogIn />}</Route>
    </Switch>
  )
}

/** Asks for a log-in and comes back to the page that was wanted. */
function ToLogIn() {
  const [path, go] = useLocation()
  useEffect(() => {
    go(path === '/' ? '/log-in' : `/log-in?next=${encodeURIComponent(path)}`, { replace: true })
  }, [path, go])
  return null
}
