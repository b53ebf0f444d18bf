package io.trainyard.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Alerts and dashboard ask for metrics that exist, and every alert has a runbook. */
@ServiceTest
@Timeout(60)
class AlertsTest {
  private static final Path ALERTS = Path.of("helm/files/alerts.yml");
  private static final Path CASES = Path.of("src/test/prometheus/alerts.test.yml");
  private static final Path DASHBOARD = Path.of("helm/files/dashboard.json");

  /** Where the service is on the machine of compose; the chart puts the value {@code url} there. */
  private static final String BASE = "http://localhost:8080";

  /** Prometheus makes it itself. */
  private static final String UP = "up";

  @Autowired private Http http;

  private Set<String> known() {
    Set<String> names = new Scrape(http.get("/actuator/prometheus").text()).sampleNames();
    names.add(UP);
    return names;
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> rules() throws Exception {
    Map<String, Object> file = new Yaml().load(Files.readString(ALERTS));
    return ((List<Map<String, Object>>) file.get("groups"))
        .stream()
            .flatMap(group -> ((List<Map<String, Object>>) group.get("rules")).stream())
            .toList();
  }

  @SuppressWarnings("unchecked")
  private static Map<String, String> texts(Map<String, Object> rule, String name) {
    return (Map<String, String>) rule.get(name);
  }

  @Test
  void alertsAskForMetricsThatExist() throws Exception {
    Set<String> known = known();
    for (Map<String, Object> rule : rules()) {
      Set<String> asked = Queries.metrics((String) rule.get("expr"));
      assertThat(asked).as("%s", rule.get("alert")).isNotEmpty().isSubsetOf(known);
    }
  }

  @Test
  void everyAlertSaysWhatToDo() throws Exception {
    for (Map<String, Object> rule : rules()) {
      String alert = (String) rule.get("alert");
      Map<String, String> annotations = texts(rule, "annotations");
      assertThat(annotations).containsOnlyKeys("summary", "description", "runbook_url");
      assertThat(texts(rule, "labels").get("severity")).isIn("warning", "critical");
      assertThat(annotations.get("runbook_url")).startsWith(BASE + "/docs/runbooks/");
      String runbook = annotations.get("runbook_url").substring(BASE.length());
      assertThat(http.get(runbook, "Accept", "text/html").expect(200).contentType())
          .isEqualTo("text/html;charset=UTF-8");
      Http.Answer page = http.get(runbook, "Accept", "text/markdown").expect(200);
      assertThat(page.contentType()).isEqualTo("text/markdown;charset=UTF-8");
      assertThat(page.text())
          .startsWith("# " + alert + "\n\n## What it means\n")
          .contains("\n## How to look\n", "\n## What to do\n\n1. ");
    }
  }

  @Test
  void everyAlertHasACaseInWhichItFiresAndOneInWhichItDoesNot() throws Exception {
    String cases = Files.readString(CASES);
    for (Map<String, Object> rule : rules()) {
      assertThat(cases)
          .contains("- name: " + rule.get("alert") + " fires\n")
          .contains("- name: " + rule.get("alert") + " stays quiet\n");
    }
  }

  @Test
  void dashboardAsksForMetricsThatExist() throws Exception {
    Set<String> known = known();
    JsonNode dashboard = JsonMapper.shared().readTree(Files.readString(DASHBOARD));
    List<String> queries =
        dashboard.findValuesAsString("expr").stream().filter(query -> !query.isEmpty()).toList();
    assertThat(queries).hasSizeGreaterThan(40);
    for (String query : queries) {
      assertThat(Queries.metrics(query)).as(query).isNotEmpty().isSubsetOf(known);
    }
  }

  @Test
  void linksOfTheDashboardArePages() throws Exception {
    JsonNode links = JsonMapper.shared().readTree(Files.readString(DASHBOARD)).get("links");
    assertThat(links).isNotEmpty();
    for (JsonNode link : links) {
      String url = link.get("url").stringValue();
      assertThat(url).startsWith(BASE + "/docs/");
      http.get(url.substring(BASE.length()), "Accept", "text/html").expect(200);
    }
  }

  /** A rule that asks for series of all services would mix installations in the chart's rules. */
  @Test
  void everySeriesIsOfOneInstallation() throws Exception {
    for (Map<String, Object> rule : rules()) {
      String expression = (String) rule.get("expr");
      for (String metric : Queries.metrics(expression)) {
        assertThat(expression).doesNotContainPattern("\\b" + metric + "(?!\\{job!=\"\"[,}]|\\w)");
      }
    }
    JsonNode dashboard = JsonMapper.shared().readTree(Files.readString(DASHBOARD));
    assertThat(dashboard.findValuesAsString("expr"))
        .allSatisfy(
            query ->
                assertThat(query.split("\\{", -1).length)
                    .isEqualTo(query.split("\\{namespace=~\"\\$namespace\",job=", -1).length));
  }

  @Test
  void dashboardShowsMostOfWhatThereIs() throws Exception {
    JsonNode dashboard = JsonMapper.shared().readTree(Files.readString(DASHBOARD));
    Set<String> shown =
        dashboard.findValuesAsString("expr").stream()
            .flatMap(query -> Queries.metrics(query).stream())
            .collect(Collectors.toSet());
    List<String> families =
        new Scrape(http.get("/actuator/prometheus").text())
            .ownFamilies().stream().map(family -> family.split(" ")[0]).toList();
    List<String> hidden = new ArrayList<>(families);
    hidden.removeIf(
        family ->
            family.endsWith("_max") || shown.stream().anyMatch(name -> name.startsWith(family)));
    assertThat(hidden)
        .as("the database's own file, the whole disk, and what the log explains")
        .containsExactly(
            "trainyard_database_bytes",
            "trainyard_database_live_bytes",
            "trainyard_disk_size_bytes",
            "trainyard_hosts",
            "trainyard_hosts_deaths_total",
            "trainyard_rows_unreadable_total",
            "trainyard_tasks_failures_total");
  }

  @Test
  void panelsOfTheDashboardDoNotOverlap() throws Exception {
    JsonNode panels = JsonMapper.shared().readTree(Files.readString(DASHBOARD)).get("panels");
    boolean[][] taken = new boolean[24][500];
    for (JsonNode panel : panels) {
      JsonNode place = panel.get("gridPos");
      assertThat(panel.get("title").stringValue()).isNotBlank();
      for (int x = 0; x < place.get("w").intValue(); x++) {
        for (int y = 0; y < place.get("h").intValue(); y++) {
          int column = place.get("x").intValue() + x;
          int line = place.get("y").intValue() + y;
          assertThat(taken[column][line]).as("%s", panel.get("title")).isFalse();
          taken[column][line] = true;
        }
      }
    }
  }

  @Test
  void unknownRunbookIsAProblem() {
    http.get("/docs/runbooks/nothing").expectProblem(404, "route_not_found");
    http.get("/docs/runbooks/..%2f..%2fapplication").expect(400);
    http.get("/docs/runbooks/Down").expectProblem(404, "route_not_found");
  }
}
