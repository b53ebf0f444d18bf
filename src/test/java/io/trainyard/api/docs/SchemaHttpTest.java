package io.trainyard.api.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.Multipart;
import io.trainyard.ServiceTest;
import io.trainyard.error.ErrorCode;
import io.trainyard.spec.description.Description;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.web.util.HtmlUtils;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Schemas, links and pages over HTTP. */
@ServiceTest
@Timeout(120)
class SchemaHttpTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String HINT = "\"$schema\": \"http://localhost/v1/schema/x\", ";

  private static final String MODEL =
      "{%s\"name\": \"%s\", \"inputs\": {\"x\": {\"columns\": [\"a\"]}}, \"targets\": {\"y\":"
          + " {\"column\": \"b\"}}, \"network\": {\"layers\": [{\"type\": \"dense\", \"units\":"
          + " 1}]}}";

  @Autowired private Http http;

  @Test
  void everySchemaIsServed() {
    for (String name : Reference.SCHEMAS.keySet()) {
      Answer answer = http.get("/v1/schema/" + name).expect(200);
      assertThat(answer.contentType()).startsWith("application/schema+json");
      assertThat(answer.json()).isEqualTo(JSON.readTree(Reference.schema(name).toString()));
    }
  }

  @Test
  void aSchemaComesPackedToThoseThatUnpackIt() throws IOException {
    Answer plain = http.get("/v1/schema/job").expect(200);
    Answer packed = http.get("/v1/schema/job", "Accept-Encoding", "gzip").expect(200);
    assertThat(packed.header("Content-Encoding")).isEqualTo("gzip");
    assertThat(plain.header("Content-Encoding")).isEmpty();
    assertThat(packed.bytes().length).isLessThan(plain.bytes().length / 4);
    try (InputStream unpacked = new GZIPInputStream(new ByteArrayInputStream(packed.bytes()))) {
      assertThat(unpacked.readAllBytes()).isEqualTo(plain.bytes());
    }
  }

  /** RFC 9110, 12.5.3: a weight of 0 refuses, and a list may stand in several lines. */
  @Test
  void aSchemaIsPackedOnlyForThoseThatTakeItSo() {
    for (String refused : List.of("gzip;q=0", "gzip ; q=0.000, br", "br, GZIP;q=0.0", "notgzip")) {
      assertThat(
              http.get("/v1/schema/job", "Accept-Encoding", refused)
                  .expect(200)
                  .header("Content-Encoding"))
          .as(refused)
          .isEmpty();
    }
    for (String taken : List.of("gzip;q=0.5", "br;q=1, GZip ; q=0.001", "deflate,gzip")) {
      assertThat(
              http.get("/v1/schema/job", "Accept-Encoding", taken)
                  .expect(200)
                  .header("Content-Encoding"))
          .as(taken)
          .isEqualTo("gzip");
    }
    assertThat(
            http.get("/v1/schema/job", "Accept-Encoding", "br", "Accept-Encoding", "gzip")
                .expect(200)
                .header("Content-Encoding"))
        .isEqualTo("gzip");
  }

  @Test
  void anUnknownSchemaNamesTheOthers() {
    Answer answer = http.get("/v1/schema/modle").expectProblem(404, "schema_not_found");
    assertThat(answer.json().get("detail").stringValue())
        .contains("model, training, job, dataset-options, predict");
  }

  @Test
  void bodiesMayNameTheirSchema() {
    http.upload("hinted", "a,b\n1,2\n2,4\n3,6\n4,8\n");
    http.post("/v1/models", MODEL.formatted(HINT, "hinted")).expect(201);
    assertThat(http.get("/v1/models/hinted").json().toString()).doesNotContain("$schema");
    http.train(
        ("{%s\"model\": %s, \"dataset\": {\"name\": \"hinted\"}, \"training\": {\"loss\": \"mse\","
                + " \"epochs\": 1}}")
            .formatted(HINT, MODEL.formatted(HINT, "hinted")));
    http.post("/v1/models/hinted/predict", "{" + HINT + "\"instances\": [{\"a\": 1}]}").expect(200);
    new Multipart()
        .part("options", "{" + HINT + "\"on_error\": \"skip\"}")
        .file("file", "rows.csv", Http.utf8("a,b\n1,2\n"))
        .post(http, "/v1/datasets?name=hinted2")
        .expect(201);
    http.post("/v1/models", MODEL.formatted("\"$schema\": 5, ", "hinted3"))
        .expectFault("/$schema", "Unknown member");
  }

  /** What a schema refuses in a predict request, the service refuses. */
  @Test
  void whatTheSchemaOfPredictRefusesTheServiceRefuses() {
    http.importVersion(
        "refusing-bodies",
        "{\"name\": \"refusing-bodies\", \"network\": {\"inputs\": {\"x\": {\"shape\": [1]}}, \"layers\":"
            + " [{\"type\": \"lambda\", \"expression\": \"x\"}, {\"type\": \"dropout\", \"rate\":"
            + " 0.5}]}}");
    JsonNode body =
        JSON.readTree(
            "{\"instances\": [[1]], \"samples\": 2, \"seed\": 1, \"outputs\": [\"lambda_1\"]}");
    http.post("/v1/models/refusing-bodies/predict", body.toString()).expect(200);
    Schema schema =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(Reference.schema("predict"));
    int refused = 0;
    for (SingleMutations.Mutation mutation : SingleMutations.of(body)) {
      if (!mutation.body().toString().contains("E300")
          && !schema.validate(mutation.body()).isEmpty()) {
        refused++;
        assertThat(
                http.post("/v1/models/refusing-bodies/predict", mutation.body().toString())
                    .status())
            .as(mutation.change())
            .isIn(400, 422);
      }
    }
    assertThat(refused).isGreaterThan(30);
  }

  @Test
  void theExampleOfEveryLayerIsValid() {
    for (Description type : Reference.descriptions().of("layer")) {
      if (!type.name().equals("model")) {
        ObjectNode body = JSON.createObjectNode();
        body.set("model", Places.of(type).body());
        JsonNode answer = http.post("/v1/models:validate", body.toString()).expect(200).json();
        assertThat(answer.get("valid").booleanValue()).as(type.name() + answer).isTrue();
      }
    }
  }

  @Test
  void theRootLeadsEverywhere() {
    JsonNode start = http.get("/").expect(200).json();
    for (String member : new String[] {"links", "schemas"}) {
      start
          .get(member)
          .forEach(
              path ->
                  assertThat(http.get(path.stringValue()).status())
                      .as(path.toString())
                      .isIn(200, 302));
    }
  }

  @Test
  void everyProblemLeadsToThePageOfItsCode() {
    Answer problem = http.get("/v1/models/there_is_none").expectProblem(404, "model_not_found");
    String help = problem.json().get("help").stringValue();
    assertThat(problem.header("Link")).isEqualTo("<" + help + ">; rel=\"help\"");
    Answer page = http.get(help).expect(200);
    assertThat(page.contentType()).startsWith("text/html");
    assertThat(page.text()).contains("model_not_found", "GET /v1/models lists what there is");
    for (ErrorCode code : ErrorCode.values()) {
      assertThat(http.get("/docs/errors/" + code.code()).expect(200).text())
          .contains(HtmlUtils.htmlEscape(code.title(), "UTF-8").replace("&#39;", "'"));
    }
    http.get("/docs/errors/nothing").expectProblem(404, "route_not_found");
  }

  @Test
  void everyKindHasAPageThatShowsItsTypes() {
    for (String kind : TypePages.kinds().toList()) {
      StringBuilder page = new StringBuilder();
      if (kind.equals("layer")) {
        TypePages.FAMILIES
            .values()
            .forEach(file -> page.append(http.get("/docs/reference/" + file).expect(200).text()));
      } else {
        // Under its former path too.
        String path = http.get("/docs/reference/" + kind).expect(308).header("Location");
        page.append(http.get(path).expect(200).text());
      }
      assertThat(Reference.descriptions().of(kind)).isNotEmpty();
      for (Description type : Reference.descriptions().of(kind)) {
        assertThat(page).contains("id=\"" + type.name() + "\"");
      }
    }
    http.get("/docs/reference/nothing").expectProblem(404, "route_not_found");
  }
}
