import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { useValue } from '../../base/react'
import { Icon } from '../../ui/Icon'
import { useSchool } from '../school/context'
import { Empty, Frame } from '../school/Frame'
import classes from './Slips.module.css'

/** The slips made last, eight to a page, to be printed and cut. */
export default function Slips() {
  const { t } = useTranslation()
  const { model, to } = useSchool()
  const slips = useValue(model.slips)
  if (slips.length === 0) {
    return (
      <Frame title={t('slips.title')}>
        <Empty title={t('slips.gone')} text={t('slips.goneText')}>
          <Button component={Link} href={to('classes')}>
            {t('school.classes')}
          </Button>
        </Empty>
      </Frame>
    )
  }
  return (
    <Frame
      title={t('slips.title')}
      second={t('slips.count', { count: slips.length })}
      action={
        <Button leftSection={<Icon name="printer" size={18} />} onClick={() => print()}>
          {t('slips.print')}
        </Button>
      }
    >
      <div className={`note attn ${classes.screen}`} role="status">
        <Icon name="triangle-alert" />
        <p>{t('slips.once')}</p>
      </div>
      <ul className={classes.slips} aria-label={t('slips.title')}>
        {slips.map((slip) => (
          <li key={slip.person_id} data-slip={slip.login}>
            <p className={classes.name}>
              <b>{slip.name}</b>
              <span>{slip.groups.join(', ')}</span>
            </p>
            <dl>
              <dt>{t('slips.address')}</dt>
              <dd>{location.origin}</dd>
              <dt>{t('slips.login')}</dt>
              <dd>{slip.login}</dd>
              <dt>{t('slips.password')}</dt>
              <dd data-password>{slip.password}</dd>
            </dl>
            <p className={classes.hint}>{t('slips.hint')}</p>
          </li>
        ))}
      </ul>
    </Frame>
  )
}
