package io.trainyard.api.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.ServiceTest;
import io.trainyard.attack.Operations;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** What the documentation shows can be done as shown. */
@ServiceTest
@Timeout(120)
class DocumentationTest {
  @Autowired private Http http;

  @Test
  void everyOperationHasAnExample() {
    Set<String> described = new HashSet<>();
    DocumentationTexts.operations()
        .forEach(operation -> described.add(operation.get("operation").stringValue()));
    JsonNode document = http.get("/v3/api-docs").json();
    assertThat(document.get("openapi").stringValue()).startsWith("3.1");
    Set<String> there = new HashSet<>();
    for (var path : document.get("paths").properties()) {
      for (String method : path.getValue().propertyNames()) {
        String operation = method.toUpperCase(Locale.ROOT) + " " + path.getKey();
        if (!path.getKey().startsWith("/probe/")) {
          there.add(operation);
          String summary = path.getValue().get(method).path("summary").asString("");
          assertThat(summary).as(operation).matches("[A-Z].*[^.]");
          // What it does in itself, before the details.
          assertThat(summary).as(operation).doesNotStartWith("The same");
          assertThat(path.getValue().get(method).path("description").asString(""))
              .as(operation)
              .startsWith(summary + ".");
        }
      }
    }
    assertThat(described).containsAll(there);
  }

  @Test
  void everyExampleWorks() {
    Set<String> there = operations();
    Map<String, String> ids = new HashMap<>();
    for (JsonNode operation : DocumentationTexts.operations()) {
      String name = operation.get("operation").stringValue();
      if (!there.contains(name)) {
        continue;
      }
      Answer answer = Operations.call(http, operation, ids);
      if (operation.has("status")) {
        assertThat(answer.status()).as(name + answer).isEqualTo(operation.get("status").intValue());
      } else {
        assertThat(answer.status()).as(name + answer).isBetween(200, 299);
      }
      if (name.equals("POST /v1/jobs") || name.equals("POST /v1/sweeps")) {
        String id = answer.location().substring(answer.location().lastIndexOf('/') + 1);
        ids.put(name.endsWith("jobs") ? "{job}" : "{sweep}", id);
        http.await(answer.location());
      }
    }
  }

  @Test
  void swaggerUiIsServed() {
    String page = http.get("/docs/api").expect(200).text();
    assertThat(page).contains("id=\"contents\"", "name=\"viewport\"", "href=\"/docs\"");
    for (String file : List.of("swagger-ui.css", "swagger-ui-bundle.js", "start.js")) {
      assertThat(page).contains("/docs/api/" + file);
      assertThat(http.get("/docs/api/" + file).expect(200).text()).isNotEmpty();
    }
    http.get("/docs/api/nothing").expectProblem(404, "route_not_found");
  }

  private Set<String> operations() {
    Set<String> there = new HashSet<>();
    for (var path : http.get("/v3/api-docs").json().get("paths").properties()) {
      path.getValue()
          .propertyNames()
          .forEach(method -> there.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey()));
    }
    return there;
  }
}
