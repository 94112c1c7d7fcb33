import { mount } from 'svelte'
import WorkshopPage from './WorkshopPage.svelte'

const target = document.getElementById('app')
if (target) mount(WorkshopPage, { target })
