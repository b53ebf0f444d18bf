package io.trainyard.api.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.context.ApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The generated pages and pictures are those of the present code. With {@code -Ddocs.write=true} it
 * writes them.
 */
@ServiceTest
@Timeout(120)
class GeneratedReferenceTest {
  private static final Path FOLDER = Path.of("src/docs/reference");
  private static final Path METADATA =
      Path.of("src/main/resources/META-INF/spring-configuration-metadata.json");
  private static final boolean WRITES = Boolean.getBoolean("docs.write");

  /** A process sets it for the workers that it starts. */
  private static final String INTERNAL = "trainyard.jobs.worker-memory";

  @Autowired private Http http;
  @Autowired private ApplicationContext context;

  @Test
  void everyPageAndPictureIsUpToDate() throws Exception {
    Map<String, String> files = files();
    if (WRITES) {
      write(files);
    }
    List<String> stale = new ArrayList<>();
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path path = FOLDER.resolve(file.getKey());
      if (!Files.exists(path) || !Files.readString(path).equals(file.getValue())) {
        stale.add(path.toString());
      }
    }
    assertThat(stale).as("run this test with -Ddocs.write=true").isEmpty();
    assertThat(written()).as("files that nothing writes").isEqualTo(List.copyOf(files.keySet()));
  }

  @Test
  void springsMetadataIsUpToDate() throws Exception {
    String metadata = settings().metadata();
    if (WRITES) {
      Files.writeString(METADATA, metadata);
    }
    assertThat(METADATA).as("run this test with -Ddocs.write=true").hasContent(metadata);
    JsonNode properties = new JsonMapper().readTree(metadata).get("properties");
    assertThat(properties.findValuesAsString("name")).hasSizeGreaterThan(50);
    assertThat(properties.findValuesAsString("type")).allSatisfy(GeneratedReferenceTest::checkType);
  }

  private static void checkType(String type) throws ClassNotFoundException {
    for (String name : type.split("[<,>]")) {
      assertThat(Class.forName(name)).as(type).isNotNull();
    }
  }

  private Map<String, String> files() throws IOException {
    Map<String, String> files = new TreeMap<>();
    Map<String, String> pages = new TreeMap<>(new TypePages().pages());
    pages.put("errors", ErrorsPage.text());
    pages.put("configuration", settings().text());
    pages.putAll(new HttpPages(http.get("/v3/api-docs").json()).pages());
    pages.put("service-metrics", ServiceMetricsPage.text(http.get("/actuator/prometheus").text()));
    pages.forEach((name, text) -> files.put(name + ".md", text));
    Stream.concat(
            Reference.descriptions().all().stream().flatMap(type -> Plots.of(type).stream()),
            Plots.ofSplits().stream())
        .forEach(plot -> files.put("plots/" + plot.file(), plot.svg().get()));
    return files;
  }

  private SettingsPage settings() {
    return new SettingsPage(
        context.getBeansWithAnnotation(ConfigurationProperties.class).values().stream()
            .<Class<?>>map(AopUtils::getTargetClass)
            .toList());
  }

  private static void write(Map<String, String> files) throws IOException {
    for (String old : written()) {
      Files.delete(FOLDER.resolve(old));
    }
    Files.createDirectories(FOLDER.resolve("plots"));
    for (Map.Entry<String, String> file : files.entrySet()) {
      Files.writeString(FOLDER.resolve(file.getKey()), file.getValue());
    }
  }

  /** Every file of the folder, sorted. */
  private static List<String> written() throws IOException {
    if (!Files.exists(FOLDER)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(FOLDER)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> FOLDER.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  @Test
  void everySettingHasItsLine() throws Exception {
    SettingsPage settings = settings();
    assertThat(settings.settings().stream().map(SettingsPage.Setting::name))
        .containsAll(settings.names().stream().filter(name -> !INTERNAL.equals(name)).toList());
    assertThat(settings.settings())
        .allSatisfy(setting -> assertThat(setting.meaning()).as(setting.name()).isNotEmpty());
  }
}
