import './look/base.css'
import { mount } from 'svelte'
import WorkshopPage from './workshop/WorkshopPage.svelte'

const target = document.getElementById('app')
if (target) mount(WorkshopPage, { target })
