import { type ComponentType, lazy, Suspense, useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { Redirect, Route, Switch, useLocation, useSearch } from 'wouter'
import type { Me, SetupState } from './api/types'
import { allWords } from './base/i18n'
import { useValue } from './base/react'
import { type HeldUp, safeNext } from './features/entrance/model'
import { MeContext } from './me'
import { isSitting, pages } from './pages'
import { useServices } from './services'
import { NotFound, Unavailable } from './ui/Lost'
import { Waiting } from './ui/Waiting'

/** A page that is no lesson: its script and the words of all pages. */
function page<P extends ComponentType<any>>(get: () => Promise<{ default: P }>) {
  return lazy(async () => (await Promise.all([get(), allWords()]))[0])
}

/** Around every page that is no lesson, so it comes beside the first script and not within. */
const Shell = lazy(() => pages.shell().then((found) => ({ default: found.Shell })))
const Today = page(() => pages.today().then((found) => ({ default: found.Today })))
const LessonPage = lazy(pages.lesson)
const DevicesPage = page(() => import('./features/devices/View'))
const WelcomePage = page(() => import('./features/welcome/View'))
const DemoPage = page(() => import('./features/welcome/DemoView'))
const SetUpPage = page(() => import('./features/setup/View'))
const ConnectionPage = page(() => import('./features/connection/View'))
const SchoolPages = page(() => import('./features/school/View'))
const LocksPage = page(() => import('./features/locks/View'))
const HeldUpPage = page(() => import('./features/locks/HeldUp'))
const AuditPage = page(() => import('./features/audit/View'))
const LearnersPage = page(() => import('./features/learners/View'))
const RecordingsPage = page(() => import('./features/playback/List'))
const RecordingPage = page(pages.recording)
const ReportPage = page(() => import('./features/report/View'))
const ConsultationsPage = page(() => import('./features/consultations/View'))
const LogIn = page(() => import('./features/login/View').then((found) => ({ default: found.LogIn })))
const CodePage = page(() => import('./features/login/Code'))
const ForgottenPage = page(() => import('./features/login/Forgotten'))
const BankPages = page(() => import('./features/bank/Pages'))
const ExamPages = page(() => import('./features/exams/View'))
const ThreadsPage = page(() => import('./features/threads/View'))
const SittingPage = page(() => import('./features/exam/Page'))
const SitPage = page(() => import('./features/exam/Sit'))
const SettingsPage = page(() => import('./features/settings/View'))

export function Routes() {
  const { t } = useTranslation()
  const { entrance } = useServices()
  const presence = useValue(entrance.presence)
  const [path] = useLocation()
  const waiting = (
    <main id="main" style={{ padding: '2rem' }}>
      <Waiting>{t('app.loading')}</Waiting>
    </main>
  )
  if (presence.phase === 'looking') return waiting
  // A test goes on without a network: its page keeps what is written, and asks for itself.
  const goesOn = presence.phase !== 'out' && isSitting(path)
  if (presence.phase === 'failed' && !goesOn) {
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
        {goesOn && <Route path="/sittings/:id">{({ id }) => <SittingPage key={id} id={id} />}</Route>}
        <Route>
          {presence.phase === 'in' && <Inside me={presence.me} heldUp={presence.heldUp} />}
          {presence.phase === 'out' && <Outside setup={presence.setup} />}
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
        <Route path="/exams/:id/sit">
          {({ id }) => (
            <Shell>
              <SitPage key={id} id={id} />
            </Shell>
          )}
        </Route>
        <Route path="/consultations">
          <Shell>
            <ConsultationsPage />
          </Shell>
        </Route>
        <Route path="/exams/*?">
          <Shell>
            <ExamPages />
          </Shell>
        </Route>
        <Route path="/sittings/:id/review">
          <Shell>
            <ExamPages />
          </Shell>
        </Route>
        <Route path="/threads/:course?">
          {({ course }) => (
            <Shell>
              <ThreadsPage courseId={course} />
            </Shell>
          )}
        </Route>
        <Route path={/^\/(?:bank|items)(?:\/[^/]+)?\/?$/}>
          <Shell>
            <BankPages />
          </Shell>
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
