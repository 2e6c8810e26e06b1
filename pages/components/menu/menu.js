// Streamlit closes its sidebar after a choice only in a menu that it has made itself, and a popover not at all.
const PHONE = "(max-width: 767px)"

export default function () {
  const menu = document.querySelector("[data-testid=stSidebar]")
  menu.setAttribute("role", "navigation")
  menu.setAttribute("aria-label", "Lessons")
  const closeMenu = (event) => {
    if (!event.target.closest("a[href]") || !matchMedia(PHONE).matches) return
    menu.querySelector("[data-testid=stSidebarCollapseButton] button")?.click()
  }
  const closeMore = (event) => {
    if (!event.target.closest?.(".st-key-shell-more-entries button")) return
    const more = document.querySelector(".st-key-shell-more button")
    more.focus() // the entry that has the focus is about to go
    more.click()
  }
  menu.addEventListener("click", closeMenu)
  document.addEventListener("click", closeMore)
  return () => {
    menu.removeEventListener("click", closeMenu)
    document.removeEventListener("click", closeMore)
  }
}
