import './look/base.css'
import { mount } from 'svelte'
import IndicatorsPage from './pages/IndicatorsPage.svelte'

const target = document.getElementById('app')
if (target) mount(IndicatorsPage, { target })
