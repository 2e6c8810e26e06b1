"""*Reset settings*."""


def test_reset_clears_what_was_typed(page):
    page.run()
    page.switch_page("glossary.py").run()
    page.text_input(key="glossary.find").set_value("bias").run()
    page.query_params["run"] = "abc"
    page.query_params["level"] = "lab"
    page.button(key="shell.reset.glossary").click().run()
    page.run()
    assert page.text_input(key="glossary.find").value == ""
    assert "run" not in page.query_params
    assert page.session_state["shell.level"] == "lab"
