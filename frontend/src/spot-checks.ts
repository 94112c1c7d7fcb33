import './look/base.css'
import { mount } from 'svelte'
import SpotChecksPage from './pages/SpotChecksPage.svelte'

const target = document.getElementById('app')
if (target) mount(SpotChecksPage, { target })
