//! Charts as rust_xlsxwriter writes them, made plain for every program.
//!
//! It leaves out what has a default. The standard's defaults (ECMA-376, part 1, DrawingML charts) are not those of
//! Excel 2007, which it writes for: lines would be smooth, ticks would cross their axes, blank cells
//! would count as 0. LibreOffice goes by the standard where the workbook says that another program
//! wrote it, as a workbook that sheets were added to does. So all of it is said.

/// `chart` with the elements in the order of the standard, and with what it leaves out.
pub(super) fn plain(chart: &str) -> String {
    let mut chart = marker_behind_shape(chart);
    let mut say = |before: &str, said: &str, behind: &str| {
        let (old, new) = (format!("{before}{behind}"), format!("{before}{said}{behind}"));
        if !chart.contains(&new) {
            chart = chart.replace(&old, &new);
        }
    };
    say("<c:lang val=\"en-US\"/>", "<c:roundedCorners val=\"0\"/>", "<c:chart>");
    say("</c:title>", "<c:autoTitleDeleted val=\"0\"/>", "<c:plotArea>");
    say("<c:layout/>", "<c:overlay val=\"0\"/>", "</c:title>");
    say("<c:layout/>", "<c:overlay val=\"0\"/>", "</c:legend>");
    say("<c:scatterStyle val=\"lineMarker\"/>", "<c:varyColors val=\"0\"/>", "<c:ser>");
    say("</c:yVal>", "<c:smooth val=\"0\"/>", "</c:ser>");
    say("</c:scaling>", "<c:delete val=\"0\"/>", "<c:axPos");
    let ticks = "<c:majorTickMark val=\"out\"/><c:minorTickMark val=\"none\"/>";
    say("\"/>", ticks, "<c:tickLblPos");
    say("<c:plotVisOnly val=\"1\"/>", "<c:dispBlanksAs val=\"gap\"/>", "</c:chart>");
    chart
}

/// A chart with each marker that stands right before shape properties moved behind them.
///
/// rust_xlsxwriter puts the marker of a scatter series before its shape properties. The standard
/// (CT_ScatterSer) has them the other way round, and Excel may offer to repair the file.
fn marker_behind_shape(chart: &str) -> String {
    const MARKER_END: &str = "</c:marker>";
    const SHAPE: &str = "<c:spPr>";
    const SHAPE_END: &str = "</c:spPr>";
    let mut out = String::with_capacity(chart.len());
    let mut rest = chart;
    while let Some(middle) = rest.find(&format!("{MARKER_END}{SHAPE}")) {
        let behind_marker = middle + MARKER_END.len();
        let marker = rest[..middle].rfind("<c:marker>");
        let shape_end = rest[behind_marker..].find(SHAPE_END);
        let (Some(marker), Some(shape_end)) = (marker, shape_end) else { break };
        let behind_shape = behind_marker + shape_end + SHAPE_END.len();
        out.push_str(&rest[..marker]);
        out.push_str(&rest[behind_marker..behind_shape]);
        out.push_str(&rest[marker..behind_marker]);
        rest = &rest[behind_shape..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_move_behind_the_shape_properties() {
        let series = |inside: &str| format!("<c:ser><c:order/>{inside}<c:xVal/></c:ser>");
        let marker = "<c:marker><c:symbol val=\"star\"/><c:spPr><a:ln/></c:spPr></c:marker>";
        let shape = "<c:spPr><a:ln w=\"9\"/></c:spPr>";
        let wrong = series(&format!("{marker}{shape}"));
        let right = series(&format!("{shape}{marker}"));
        assert_eq!(marker_behind_shape(&format!("{wrong}{wrong}")), format!("{right}{right}"));
        assert_eq!(marker_behind_shape(&right), right);
    }

    #[test]
    fn what_has_other_defaults_elsewhere_is_said_once() {
        let chart = "<c:chartSpace><c:lang val=\"en-US\"/><c:chart><c:title><c:layout/></c:title>\
            <c:plotArea><c:scatterChart><c:scatterStyle val=\"lineMarker\"/><c:ser><c:yVal/>\
            <c:yVal></c:yVal></c:ser></c:scatterChart><c:valAx><c:scaling></c:scaling>\
            <c:axPos val=\"b\"/><c:numFmt formatCode=\"General\"/><c:tickLblPos val=\"low\"/></c:valAx>\
            </c:plotArea><c:legend><c:layout/></c:legend><c:plotVisOnly val=\"1\"/></c:chart>\
            </c:chartSpace>";
        let once = plain(chart);
        for said in [
            "roundedCorners",
            "autoTitleDeleted",
            "varyColors",
            "smooth",
            "delete",
            "majorTickMark",
            "minorTickMark",
            "dispBlanksAs",
        ] {
            assert_eq!(once.matches(&format!("<c:{said} ")).count(), 1, "{said}: {once}");
        }
        assert_eq!(once.matches("<c:overlay ").count(), 2);
        assert_eq!(plain(&once), once);
    }
}
