"""Of a style sheet stays what the pages can use."""

from web.http.assets import _bootstrap
from web.http.css_subset import subset, words

SHEET = """/* licence */@charset "UTF-8";:root{--a:1}body{margin:0}.btn{color:red}.btn.btn-lg,.btn-sm>a{color:blue}
.carousel{width:1px}.carousel,.btn{top:0}@media (min-width:1px){.carousel{left:0}.col-sm-6{left:1px}}
@media print{.carousel{left:0}}@keyframes spin{to{top:0}}.w-50\\%{width:50%}:is(.btn,.nav) a{top:1px}"""


def test_a_rule_stays_where_every_class_of_a_selector_is_used() -> None:
    used = {"btn", "btn-sm", "col-sm-6"}
    assert subset(SHEET, used) == (
        ":root{--a:1}body{margin:0}.btn{color:red}.btn-sm>a{color:blue}.btn{top:0}"
        "@media (min-width:1px){.col-sm-6{left:1px}}@keyframes spin{to{top:0}}"
    )


def test_the_words_of_templates_and_scripts_are_the_classes_in_use() -> None:
    assert {"btn", "btn-primary", "is-invalid"} <= words(
        ['<a class="btn btn-primary{% if x %} is-invalid{% endif %}">', 'x.classList.add("shown")']
    )


def test_bootstrap_is_sent_without_what_no_page_uses() -> None:
    sheet = _bootstrap().decode()
    assert len(sheet) < 40_000
    assert ".btn-primary" in sheet
    assert ".visually-hidden" in sheet
    assert ".offcanvas" not in sheet
