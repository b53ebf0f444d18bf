package io.trainyard.api.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The metrics of a running service, from a scrape. */
final class ServiceMetricsPage {
  private static final Pattern LABEL = Pattern.compile("[{,](\\w+)=\"");
  private static final String OWN = "trainyard_";

  private ServiceMetricsPage() {}

  static String text(String scrape) {
    Map<String, String> help = new TreeMap<>();
    Map<String, String> types = new TreeMap<>();
    Map<String, TreeSet<String>> labels = new TreeMap<>();
    for (String line : scrape.lines().toList()) {
      String[] words = line.split(" ", 4);
      if (line.startsWith("# HELP " + OWN)) {
        help.put(words[2], words.length > 3 ? words[3] : "");
      } else if (line.startsWith("# TYPE " + OWN)) {
        types.put(words[2], words[3]);
      } else if (line.startsWith(OWN)) {
        String name = line.split("[{ ]", 2)[0].replaceFirst("_(bucket|count|sum)$", "");
        Matcher label = LABEL.matcher(line);
        while (label.find()) {
          if (!label.group(1).equals("le")) {
            labels.computeIfAbsent(name, _ -> new TreeSet<>()).add(label.group(1));
          }
        }
      }
    }
    ReferenceText page =
        new ReferenceText(
            "Metrics of the service",
            "`GET /actuator/prometheus` has them for Prometheus, with those of the Java virtual"
                + " machine (`jvm_…`), of the process and of HTTP requests"
                + " (`http_server_requests_seconds`). A counter ends in `_total`. A histogram has"
                + " `_bucket`, `_count` and `_sum`. A label `scope=\"shared\"` marks what all"
                + " processes on one database tell alike: take the maximum, not the sum. The"
                + " runbooks say what to do when an alert on one of them fires.");
    List<List<String>> rows = new ArrayList<>();
    types.forEach(
        (name, type) ->
            rows.add(
                List.of(
                    ReferenceText.quoted(name),
                    type,
                    String.join(
                        ", ",
                        labels.getOrDefault(name, new TreeSet<>()).stream()
                            .map(ReferenceText::quoted)
                            .toList()),
                    ReferenceText.plain(help.getOrDefault(name, "")))));
    page.heading(2, "All metrics");
    return page.table(List.of("Name", "Type", "Labels", "Meaning"), rows).toString();
  }
}
