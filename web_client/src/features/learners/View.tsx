import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { MyLearner } from '../../api/types'
import { useModel, useValue } from '../../base/react'
import { useServices } from '../../services'
import { usePage } from '../../ui/page'
import { Problem } from '../../ui/Problem'
import { Waiting } from '../../ui/Waiting'
import { PaperCode } from '../locks/PaperCode'
import { Loaded } from '../school/loaded'
import { classesOf, found } from './model'
import classes from './View.module.css'

type List = Awaited<ReturnType<ReturnType<typeof useServices>['api']['myLearners']>>

/** The learners of one's own courses and classes: whoever forgot the password gets a code on paper here. */
export default function Learners() {
  const { t } = useTranslation()
  const { api } = useServices()
  const heading = usePage(t('learners.title'))
  const loaded = useModel((scope) => new Loaded(scope, () => api.myLearners()), [api])
  return (
    <main id="main" className={classes.page} tabIndex={-1}>
      <header>
        <h1 ref={heading} tabIndex={-1}>
          {t('learners.title')}
        </h1>
        <p className="muted">{t('learners.text')}</p>
      </header>
      {loaded && <Body loaded={loaded} />}
    </main>
  )
}

function Body({ loaded }: { loaded: Loaded<List> }) {
  const { t } = useTranslation()
  const list = useValue(loaded.state)
  if (list.phase === 'loading') return <Waiting>{t('app.loading')}</Waiting>
  if (list.phase === 'failed') return <Problem error={list.error} retry={() => loaded.again()} />
  if (list.value.items.length === 0) return <p className="muted">{t('learners.none')}</p>
  return <Found learners={list.value.items} />
}

function Found({ learners }: { learners: readonly MyLearner[] }) {
  const { t } = useTranslation()
  const [typed, setTyped] = useState('')
  const [group, setGroup] = useState('')
  const [helped, setHelped] = useState<MyLearner | null>(null)
  const groups = classesOf(learners)
  const shown = found(learners, group, typed)
  return (
    <>
      <div className={classes.filters} role="search">
        <TextInput
          type="search"
          label={t('learners.search')}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        {groups.length > 1 && (
          <NativeSelect
            label={t('roll.class')}
            value={group}
            onChange={(event) => setGroup(event.currentTarget.value)}
            data={[{ value: '', label: t('roll.allClasses') }, ...groups]}
          />
        )}
      </div>
      <p className="muted sm" role="status">
        {t('learners.found', { count: shown.length })}
      </p>
      {shown.length > 0 && (
        <ul className={classes.list} aria-label={t('learners.title')}>
          {shown.map((one) => (
            <li key={one.id} data-learner={one.id}>
              <div className={classes.name}>
                <b>{one.name}</b>
                <span className="muted sm">{one.groups.join(', ')}</span>
              </div>
              <Button
                variant="default"
                size="sm"
                aria-label={`${t('locks.paperTitle')}: ${one.name}`}
                onClick={() => setHelped(one)}
              >
                {t('locks.paperTitle')}
              </Button>
            </li>
          ))}
        </ul>
      )}
      <PaperCode
        person={helped ?? { id: '', name: '' }}
        opened={helped !== null}
        close={() => setHelped(null)}
      />
    </>
  )
}
