import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core'
import { type FormEvent, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Language } from '../../../api/types'
import { explain } from '../../../base/errors'
import { currentLanguage, LANGUAGES } from '../../../base/i18n'
import { useValue } from '../../../base/react'
import { Dialog } from '../../../ui/Dialog'
import { FieldError } from '../../../ui/FieldError'
import type { CaptionsModel } from './model'
import type { Offer } from './recogniser'
import classes from './View.module.css'

/** What is said, over the stage; a line to type captions into, for whoever does; and the choices. */
export function Captions({ model }: { model: CaptionsModel }) {
  const { t } = useTranslation()
  const typing = useValue(model.typing)
  return (
    <>
      <section className={classes.captions} aria-label={t('captions.title')}>
        <Lines model={model} />
        {typing && <Typing model={model} />}
      </section>
      <Choices model={model} />
    </>
  )
}

function Lines({ model }: { model: CaptionsModel }) {
  const lines = useValue(model.lines)
  if (!useValue(model.shown)) return null
  return lines.map(({ participant_id, name, text }) => (
    <p key={participant_id} className={classes.line} data-caption={participant_id}>
      {name && <b>{name}: </b>}
      {text}
    </p>
  ))
}

function Typing({ model }: { model: CaptionsModel }) {
  const { t } = useTranslation()
  const error = useValue(model.error)
  const [text, setText] = useState('')
  const send = async (event: FormEvent) => {
    event.preventDefault()
    if (text.trim() && (await model.say(text, true))) setText((now) => (now === text ? '' : now))
  }
  return (
    <form className={classes.typing} onSubmit={(event) => void send(event)}>
      {error !== null && <FieldError>{explain(error)}</FieldError>}
      <TextInput
        className="grow"
        aria-label={t('captions.write')}
        placeholder={t('captions.write')}
        maxLength={500}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Button type="submit">{t('captions.send')}</Button>
    </form>
  )
}

function Choices({ model }: { model: CaptionsModel }) {
  const { t } = useTranslation()
  const opened = useValue(model.open)
  const shown = useValue(model.shown)
  const typing = useValue(model.typing)
  return (
    <Dialog opened={opened} close={() => model.setOpen(false)} title={t('captions.title')}>
      <div className={classes.choices}>
        <Checkbox
          label={t('captions.show')}
          checked={shown}
          onChange={(event) => model.setShown(event.currentTarget.checked)}
        />
        <Checkbox
          label={t('captions.type')}
          description={t('captions.typeHelp')}
          checked={typing}
          onChange={(event) => model.setTyping(event.currentTarget.checked)}
        />
        <Live model={model} />
      </div>
    </Dialog>
  )
}

/** Offered only where the voice stays on the device; else a sentence says why not. */
function Live({ model }: { model: CaptionsModel }) {
  const { t } = useTranslation()
  const heard = useValue(model.heardIn)
  const broken = useValue(model.broken)
  const [language, setLanguage] = useState<Language>(heard ?? currentLanguage())
  const offer = useOffer(model, language)
  const possible = offer === 'ready' || offer === 'download'
  const choose = (next: Language) => {
    setLanguage(next)
    if (heard) model.setHeard(null)
  }
  return (
    <>
      {possible ? (
        <Checkbox
          label={t('captions.live')}
          description={t(`captions.offer.${offer}`)}
          checked={heard !== null}
          onChange={(event) => model.setHeard(event.currentTarget.checked ? language : null)}
        />
      ) : (
        <p className="note" data-offer={offer}>
          {offer && t(`captions.offer.${offer}`)}
        </p>
      )}
      {(possible || offer === 'language') && (
        <NativeSelect
          label={t('captions.language')}
          value={language}
          onChange={(event) => choose(event.currentTarget.value as Language)}
          data={LANGUAGES.map((one) => ({ value: one, label: t(`captions.in.${one}`) }))}
        />
      )}
      {broken && <FieldError>{t('captions.broken')}</FieldError>}
    </>
  )
}

function useOffer(model: CaptionsModel, language: Language): Offer | null {
  const [offer, setOffer] = useState<Offer | null>(null)
  useEffect(() => {
    let here = true
    void model.offer(language).then((found) => here && setOffer(found))
    return () => {
      here = false
    }
  }, [model, language])
  return offer
}
