package io.trainyard.api.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import io.trainyard.dataset.Upload;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.web.bind.annotation.PostMapping;
import tools.jackson.databind.JsonNode;

@ServiceTest
@Timeout(60)
class DatasetHttpTest {
  @Autowired private Http http;

  @Test
  void uploadConsumesTheMediaTypesOfAllFormats() {
    Set<String> consumed =
        Stream.of(DatasetController.class.getDeclaredMethods())
            .filter(method -> method.getName().equals("upload"))
            .map(method -> Objects.requireNonNull(method.getAnnotation(PostMapping.class)))
            .flatMap(mapping -> Stream.of(mapping.consumes()))
            .collect(Collectors.toSet());
    assertThat(consumed)
        .isEqualTo(
            Stream.of(Upload.Format.values())
                .map(Upload.Format::mediaType)
                .collect(Collectors.toSet()));
  }

  private Http.Answer csv(String query, String text) {
    return http.send("POST", "/v1/datasets?" + query, Http.utf8(text), "Content-Type", "text/csv");
  }

  private void assertContent(String accept, String type) {
    assertThat(http.get("/v1/datasets/web/versions/1/content", "Accept", accept).contentType())
        .isEqualTo(type);
  }

  @Test
  void anUploadIsAVersionThatCanBeReadPagedAndDeleted() {
    Http.Answer made = csv("name=web", "a,b\n1,x\n2,y\n3,x\n");
    assertThat(made.status()).as(made.toString()).isEqualTo(201);
    assertThat(made.header("Location")).isEqualTo("/v1/datasets/web/versions/1");
    JsonNode version = made.json();
    assertThat(version.get("rows").longValue()).isEqualTo(3);
    assertThat(version.at("/columns/1/top/0/value").stringValue()).isEqualTo("x");
    assertThat(version.at("/columns/0/mean").doubleValue()).isEqualTo(2.0);
    assertThat(csv("name=web", "a,b\n1,x\n2,y\n3,x\n").status()).isEqualTo(200);

    JsonNode rows = http.get("/v1/datasets/web/versions/latest/rows?page_size=2").json();
    assertThat(rows.get("rows").toString())
        .isEqualTo("[{\"a\":1,\"b\":\"x\"},{\"a\":2,\"b\":\"y\"}]");
    JsonNode next =
        http.get(
                "/v1/datasets/web/versions/1/rows?page_size=2&page_token="
                    + rows.get("next_page_token").stringValue())
            .json();
    assertThat(next.get("rows").toString()).isEqualTo("[{\"a\":3,\"b\":\"x\"}]");
    assertThat(next.get("next_page_token").stringValue()).isEmpty();

    String second = "/v1/datasets/web/versions/1/rows?page_size=1&from_row=2";
    assertThat(http.get(second).json().get("rows").toString()).isEqualTo("[{\"a\":2,\"b\":\"y\"}]");
    assertThat(http.get(second).json().get("next_page_token"))
        .isEqualTo(rows.get("next_page_token"));
    assertThat(http.get("/v1/datasets/web/versions/1/rows?from_row=4").json().get("rows"))
        .isEmpty();
    for (String wrong : List.of("from_row=0", "from_row=2&page_token=Mg")) {
      http.get("/v1/datasets/web/versions/1/rows?" + wrong).expectProblem(400, "invalid_parameter");
    }

    Http.Answer content = http.get("/v1/datasets/web/versions/1/content");
    assertThat(content.text()).isEqualTo("a,b\n1,x\n2,y\n3,x\n");
    assertThat(content.header("Content-Type")).isEqualTo("text/csv");
    assertContent("*/*", "text/csv");
    assertContent("application/json, text/*;q=0.5", "text/csv");
    http.get("/v1/datasets/web/versions/1/content", "Accept", "application/json")
        .expectProblem(406, "not_acceptable");
    http.get("/v1/datasets/web/versions/1/content", "Accept", "text/csv;q=0, image/png")
        .expectProblem(406, "not_acceptable");
    assertThat(http.get("/v1/datasets/web/versions/1/rejects").json().get("rejects")).isEmpty();
    assertThat(http.get("/v1/datasets").json().get("datasets").toString()).contains("\"web\"");
    assertThat(http.get("/v1/datasets/web").json()).isEqualTo(version);
    assertThat(http.get("/v1/datasets/web/versions").json().get("versions")).hasSize(1);

    assertThat(http.delete("/v1/datasets/web/versions/1").status()).isEqualTo(204);
    assertThat(http.get("/v1/datasets/web").status()).isEqualTo(404);
    JsonNode again = csv("name=web", "a,b\n1,x\n2,y\n3,x\n").json();
    assertThat(again.get("version").intValue()).as("numbers are not given twice").isEqualTo(2);
  }

  @Test
  void optionsTravelInTheQuery() {
    Http.Answer made =
        csv(
            "name=options&on_error=skip&delimiter=%3B&null_values=NA,-&types=%7B%22zip%22:%22string%22%7D",
            "zip;n\n01;NA\n02;3\n03;4;5\n");
    assertThat(made.status()).as(made.toString()).isEqualTo(201);
    assertThat(made.json().get("rejected_rows").intValue()).isEqualTo(1);
    assertThat(made.json().at("/columns/0/type").stringValue()).isEqualTo("string");
    JsonNode rejects = http.get("/v1/datasets/options/versions/1/rejects").json().get("rejects");
    assertThat(rejects.toString())
        .isEqualTo("[{\"line\":4,\"column\":null,\"reason\":\"Expected 2 values, got 3\"}]");
    assertThat(csv("name=options&header=maybe", "a\n1\n").status()).isEqualTo(400);
    assertThat(csv("name=options&types=%7B%22a%22:%22float%22%7D", "a\n1\n").status())
        .isEqualTo(400);
    assertThat(csv("name=options&types=%7B%22z%22:%22number%22%7D", "a\n1\n").status())
        .isEqualTo(422);
  }

  @Test
  void samplesBecomeDatasets() {
    assertThat(http.get("/v1/samples").json().get("samples").toString())
        .contains("\"and\"", "\"xor\"", "\"iris\"");
    Http.Answer made = http.send("POST", "/v1/samples/iris", new byte[0]);
    assertThat(made.status()).as(made.toString()).isIn(200, 201);
    assertThat(made.json().get("rows").intValue()).isEqualTo(150);
    assertThat(http.send("POST", "/v1/samples/iris", new byte[0]).status()).isEqualTo(200);
    assertThat(http.send("POST", "/v1/samples/nothing", new byte[0]).status()).isEqualTo(404);
  }

  @Test
  void faultsAreProblemsWithTheirPlace() {
    Http.Answer lines = csv("name=bad", "a,b\n1,2\n1,2,3\n");
    assertThat(lines.status()).isEqualTo(422);
    assertThat(lines.json().get("code").stringValue()).isEqualTo("invalid_rows");
    assertThat(lines.json().at("/errors/0/detail").stringValue()).contains("Line 3");
    Http.Answer json =
        http.post("/v1/datasets?name=bad", "[{\"a\":1},{\"a\":[1,2]},{\"a\":\"x\"}]");
    assertThat(json.status()).isEqualTo(422);
    assertThat(json.json().at("/errors/0/pointer").stringValue()).isEqualTo("/1/a");
    assertThat(http.post("/v1/datasets?name=bad", "[{\"a\":1},").status()).isEqualTo(400);
    assertThat(
            http.send("POST", "/v1/datasets?name=bad", Http.utf8("x"), "Content-Type", "text/plain")
                .status())
        .isEqualTo(415);
    assertThat(http.get("/v1/datasets/bad/versions/x").status()).isEqualTo(404);
  }
}
