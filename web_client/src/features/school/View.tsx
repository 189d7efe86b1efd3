import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Redirect, Route, Switch, useLocation } from 'wouter'
import type { OrganisationView } from '../../api/types'
import { named } from '../../base/i18n'
import { useModel, useValue } from '../../base/react'
import { useServices } from '../../services'
import { NotFound } from '../../ui/Lost'
import { usePage } from '../../ui/page'
import { Problem } from '../../ui/Problem'
import { Waiting } from '../../ui/Waiting'
import Classes from '../classes/View'
import OneClass from '../classes/One'
import Courses from '../courses/View'
import Import from '../import/View'
import OnePerson from '../people/One'
import Slips from '../people/Slips'
import People from '../people/View'
import Timetable from '../timetable/View'
import { SchoolContext, schoolOf, useTask } from './context'
import { Loaded } from './loaded'
import { SchoolModel } from './model'
import Organisation from './Organisation'
import classes from './school.module.css'
import Start from './Start'

/** Everything by which a school is kept: /school, and /school/<organisation>/… */
export default function SchoolPages() {
  return (
    <Switch>
      <Route path="/school" component={Which} />
      <Route path="/school/:id/*?">{({ id }) => <One key={id} id={id} />}</Route>
    </Switch>
  )
}

/** The only organisation at once, or a choice of them. */
function Which() {
  const { t } = useTranslation()
  const { api } = useServices()
  const [, go] = useLocation()
  const heading = usePage(t('nav.school'))
  const loaded = useModel((scope) => new Loaded(scope, () => api.organisations()), [api])
  return (
    <main id="main" className={classes.page} tabIndex={-1}>
      <header className={classes.top}>
        <h1 ref={heading} tabIndex={-1}>
          {t('nav.school')}
        </h1>
      </header>
      {loaded && <Choose loaded={loaded} go={go} />}
    </main>
  )
}

type Found = Awaited<ReturnType<ReturnType<typeof useServices>['api']['organisations']>>

function Choose({ loaded, go }: { loaded: Loaded<Found>; go: (path: string) => void }) {
  const { t } = useTranslation()
  const { api } = useServices()
  const found = useValue(loaded.state)
  const task = useTask()
  const [more, setMore] = useState<{ items: OrganisationView[]; next: string | null }>()
  if (found.phase === 'loading') return <Waiting>{t('app.loading')}</Waiting>
  if (found.phase === 'failed') {
    return <Problem error={found.error} retry={() => loaded.again()} />
  }
  const items = [...found.value.items, ...(more?.items ?? [])]
  if (items.length === 1) return <Redirect to={`/school/${items[0]!.id}`} replace />
  if (items.length === 0) return <p className="muted">{t('school.none')}</p>
  const next = more ? more.next : found.value.next
  const readMore = () =>
    task.run(async () => {
      const page = await api.organisations(next!)
      setMore({ items: [...(more?.items ?? []), ...page.items], next: page.next })
    })
  return (
    <ul className={classes.list}>
      {items.map(({ id, names }) => (
        <li key={id}>
          <button type="button" className={classes.link} onClick={() => go(`/school/${id}`)}>
            {named(names)}
          </button>
        </li>
      ))}
      {next && (
        <li>
          <button type="button" className={classes.link} onClick={() => void readMore()}>
            {t('school.more')}
          </button>
        </li>
      )}
    </ul>
  )
}

function One({ id }: { id: string }) {
  const { api, link } = useServices()
  const model = useModel((scope) => new SchoolModel(scope, api, link, id), [id])
  return model ? <Inside model={model} /> : null
}

function Inside({ model }: { model: SchoolModel }) {
  const { t } = useTranslation()
  const { clock } = useServices()
  const kept = useValue(model.kept)
  if (kept.phase !== 'ready') {
    return (
      <main id="main" className={classes.page} tabIndex={-1}>
        {kept.phase === 'loading' && <Waiting>{t('app.loading')}</Waiting>}
        {kept.phase === 'failed' && (
          <Problem error={kept.error} retry={() => model.reload()} />
        )}
      </main>
    )
  }
  const { organisation, changes } = kept.state
  return (
    <SchoolContext value={schoolOf(model, organisation, changes, clock.now())}>
      <Switch>
        <Route path="/school/:id" component={Start} />
        <Route path="/school/:id/people" component={People} />
        <Route path="/school/:id/people/:person">
          {({ person }) => <OnePerson key={person} id={person!} />}
        </Route>
        <Route path="/school/:id/classes" component={Classes} />
        <Route path="/school/:id/classes/:group">
          {({ group }) => <OneClass key={group} id={group!} />}
        </Route>
        <Route path="/school/:id/courses" component={Courses} />
        <Route path="/school/:id/timetable" component={Timetable} />
        <Route path="/school/:id/import" component={Import} />
        <Route path="/school/:id/organisation" component={Organisation} />
        <Route path="/school/:id/slips" component={Slips} />
        <Route component={NotFound} />
      </Switch>
    </SchoolContext>
  )
}
