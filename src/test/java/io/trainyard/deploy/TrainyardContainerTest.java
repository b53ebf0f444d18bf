package io.trainyard.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TrainyardContainerTest {
  private static final String CLASS = "class TrainyardContainer ";

  /** TestcontainersIT runs it where Docker is. */
  @Test
  void recipeOfTheGuideIsThisClass() throws IOException {
    String source =
        Files.readString(Path.of("src/test/java/io/trainyard/deploy/TrainyardContainer.java"));
    assertThat(Files.readString(Path.of("src/docs/guides/clients.md")))
        .contains("```java\n" + source.substring(source.indexOf(CLASS)) + "```");
  }
}
