import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { Icon } from '../../ui/Icon'
import { useList, useSchool } from './context'
import { mondayOf } from './days'
import { Frame, PARTS } from './Frame'
import classes from './school.module.css'

const STEPS = ['classes', 'people', 'courses', 'timetable'] as const

/** What to do first, what is done, and the ways to the parts. */
export default function Start() {
  const { t } = useTranslation()
  const { api, to, today, year, organisation } = useSchool()
  const done = useList(
    async () => {
      const [groups, people, courses, week] = await Promise.all([
        api.groups(today, year),
        api.people({ role: 'learner' }),
        api.courses({ year }),
        api.week({ first: mondayOf(today) }),
      ])
      return {
        classes: groups.items.length > 0,
        people: people.items.length > 0,
        courses: courses.items.length > 0,
        timetable: week.items.length > 0,
      }
    },
    [organisation.id],
    ['people', 'groups', 'courses'],
  )
  return (
    <Frame title={t('nav.school')} back={null}>
      <section className={classes.form} aria-label={t('school.begin')}>
        <h2>{t('school.begin')}</h2>
        <ol className={classes.steps}>
          {STEPS.map((step) => (
            <li key={step} data-step={step}>
              <div>
                <Link href={to(step)}>{t(`school.step.${step}`)}</Link>
                <p className="muted sm">{t(`school.stepText.${step}`)}</p>
              </div>
              {done.phase === 'ready' && done.value[step] ? (
                <span className="st ok">{t('school.done')}</span>
              ) : (
                <span />
              )}
            </li>
          ))}
        </ol>
        <p className="muted sm">{t('school.beginText')}</p>
      </section>
      <section className={`${classes.part} ${classes.narrow}`} aria-label={t('school.parts')}>
        <h2>{t('school.parts')}</h2>
        <ul className={classes.list}>
          {PARTS.map(({ path, icon, name }) => (
            <li key={path}>
              <Icon name={icon} />
              <Link href={to(path)} className={`grow ${classes.name}`}>
                {t(name)}
              </Link>
              <Icon name="chevron-right" />
            </li>
          ))}
        </ul>
      </section>
    </Frame>
  )
}
