"""How charts get onto a page: still ones as SVG, drawn without a browser or a network; one with sliders as a script."""

import json
from functools import cache

from evaluation.report.charts import Chart


def plainly(chart: Chart) -> Chart:
    """For a page: no ground of its own, letters large enough on a narrow one, room for what a font makes wider."""
    return (
        chart.configure(background="transparent", font="Arial, Helvetica, sans-serif", padding=8)
        .configure_axis(labelFontSize=14, titleFontSize=14, titleFontWeight="normal", labelLimit=240)
        .configure_title(fontSize=15, anchor="start", offset=12)
        .configure_legend(labelFontSize=14)
        .configure_text(fontSize=14)
        .configure_view(stroke=None)
    )


@cache
def drawing_library() -> str:
    """Vega, Vega-Lite and its embedding as one script, which a page can hold without a network."""
    import vl_convert

    script: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return script.replace("</script", "<\\/script")


def live(chart: Chart, element: str) -> str:
    """A script that draws the chart, with its sliders, into an element of a page that holds `drawing_library`."""
    spec = json.dumps(plainly(chart).to_dict()).replace("<", "\\u003c")
    return f"vegaEmbed('#{element}', {spec}, {{actions: false, renderer: 'svg'}});"


def svg(chart: Chart) -> str:
    """The chart as SVG text, drawn without a browser or a network."""
    import vl_convert

    text: str = vl_convert.vegalite_to_svg(chart.to_dict())
    return text
