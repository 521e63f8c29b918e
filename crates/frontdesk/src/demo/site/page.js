// Buttons of the page that open the chat.
for (const button of document.querySelectorAll('[data-chat]')) {
  button.addEventListener('click', () => window.frontdeskChat?.open());
}
