import './look/base.css'
import { mount } from 'svelte'
import DownloadsPage from './pages/DownloadsPage.svelte'

const target = document.getElementById('app')
if (target) mount(DownloadsPage, { target })
