package io.trainyard.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** Pages end at their size in bytes, and the next page goes on where they end. */
@ServiceTest
@TestPropertySource(properties = "trainyard.http.max-page=2KB")
@Timeout(60)
class PagesByBytesHttpTest {
  private static final int ITEMS = 23;
  private static final int LARGEST_ANSWER = 6_000;

  @Autowired private Http http;

  /** All items of a list, page by page; each page is small, and there are several. */
  private List<JsonNode> all(String path, String list) {
    List<JsonNode> items = new ArrayList<>();
    String token = "";
    int pages = 0;
    do {
      Http.Answer page = http.get(path + "?page_size=500&page_token=" + token).expect(200);
      assertThat(page.bytes().length).isLessThan(LARGEST_ANSWER);
      page.json().get(list).forEach(items::add);
      token = page.json().get("next_page_token").stringValue();
      pages++;
    } while (!token.isEmpty());
    assertThat(pages).isGreaterThan(3);
    return items;
  }

  @Test
  void wideRowsComeInSeveralPages() {
    String head = IntStream.range(0, 40).mapToObj(i -> "c" + i).collect(Collectors.joining(","));
    String rows =
        IntStream.range(0, ITEMS)
            .mapToObj(row -> row + "," + "1.5,".repeat(38) + "text of the row " + row)
            .collect(Collectors.joining("\n"));
    http.upload("wide-rows", head + "\n" + rows + "\n");
    List<JsonNode> shown = all("/v1/datasets/wide-rows/versions/1/rows", "rows");
    assertThat(shown.stream().map(row -> row.get("c0").intValue()))
        .isEqualTo(IntStream.range(0, ITEMS).boxed().toList());
  }

  @Test
  void largeVersionsAndModelsComeInSeveralPages() {
    for (int i = 0; i < ITEMS; i++) {
      http.importVersion("many-versions", spec("many-versions"));
      http.put("/v1/models/page-" + i, spec("page-" + i)).expect(201);
    }
    List<JsonNode> versions = all("/v1/models/many-versions/versions", "versions");
    assertThat(versions.stream().map(version -> version.get("version").intValue()))
        .isEqualTo(IntStream.range(0, ITEMS).map(i -> ITEMS - i).boxed().toList());
    assertThat(all("/v1/models", "models").stream().map(model -> model.get("name").stringValue()))
        .doesNotHaveDuplicates()
        .contains("page-0", "page-22", "many-versions");
  }

  private static String spec(String name) {
    String layer = "{\"type\":\"activation\",\"function\":\"tanh\"}";
    return "{\"name\":\"%s\",\"network\":{\"inputs\":{\"x\":{\"shape\":[1]}},\"layers\":[%s]}}"
        .formatted(name, (layer + ",").repeat(9) + layer);
  }
}
