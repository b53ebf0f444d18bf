package io.trainyard.api.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.KeyedService;
import io.trainyard.access.Scope;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Who calls, and who has stored what. */
@Timeout(60)
class MeHttpTest extends KeyedService {
  private static JsonNode json(String text) {
    return JsonMapper.shared().readTree(text.replace('\'', '"'));
  }

  @Test
  void callerWithoutAKeyLearnsOnlyWhereToGetAToken() {
    assertThat(nobody().get("/v1/me").expect(200).json())
        .isEqualTo(
            json("{'oidc': {'issuer': '%s', 'client_id': 'trainyard'}}".formatted(ISSUER.url())));
    Http.Answer wrong = as("ty_wrong").get("/v1/me");
    wrong.expectProblem(401, "unauthenticated");
  }

  @Test
  void keyLearnsItsNameAndWhatItMayDo() {
    JsonNode made =
        makeKey(
            "'scopes': ['read', 'predict'], 'models': ['me.*'], 'datasets': ['me']"
                .replace('\'', '"'));
    JsonNode me = as(made.get("key").stringValue()).get("/v1/me").expect(200).json();
    assertThat(me.get("caller")).isEqualTo(made.get("name"));
    assertThat(me.get("scopes")).isEqualTo(json("['read', 'predict']"));
    assertThat(me.get("models")).isEqualTo(json("['me.*']"));
    assertThat(me.get("datasets")).isEqualTo(json("['me']"));
    assertThat(as(token("read", List.of("*"), List.of("*"))).get("/v1/me").json().get("models"))
        .isEqualTo(json("['*']"));
  }

  @Test
  void usageNamesCallersByTheirKeys() {
    JsonNode key =
        makeKey("\"scopes\": [\"datasets:write\", \"read\"], \"datasets\": [\"me-usage\"]");
    Http caller = as(key.get("key").stringValue());
    caller.post("/v1/datasets?name=me-usage", "text/csv", Http.utf8("a\n1\n2\n")).expect(201);
    JsonNode own = caller.get("/v1/usage").expect(200).json();
    assertThat(own.get("datasets")).hasSize(1);
    assertThat(own.get("models").valueStream().map(each -> each.get("name").stringValue()))
        .doesNotContain("me-usage");
    assertThat(own.get("callers")).hasSize(1);
    assertThat(own.at("/callers/0/name")).isEqualTo(key.get("name"));
    assertThat(own.at("/callers/0/bytes")).isEqualTo(own.at("/datasets/0/bytes"));
    assertThat(with(Scope.READ).get("/v1/usage").json().get("callers").toString())
        .contains(key.get("name").toString());
  }
}
