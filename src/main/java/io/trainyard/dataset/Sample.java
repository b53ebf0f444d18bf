package io.trainyard.dataset;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A small dataset that is part of the product.
 *
 * @param source where it comes from and under which terms
 */
public record Sample(
    String name, String description, String source, Upload.Format format, String file) {
  private static final List<Sample> ALL = load();

  public static List<Sample> all() {
    return ALL;
  }

  public static Optional<Sample> find(String name) {
    return ALL.stream().filter(sample -> sample.name().equals(name)).findFirst();
  }

  /** The file's bytes; the caller closes the stream. */
  public InputStream open() {
    InputStream in = Sample.class.getResourceAsStream("/samples/" + file);
    if (in == null) {
      throw new IllegalStateException("the sample '" + name + "' is not on the class path");
    }
    return in;
  }

  private static List<Sample> load() {
    try (InputStream in = Sample.class.getResourceAsStream("/samples/samples.json")) {
      List<Sample> samples = new ArrayList<>();
      for (JsonNode sample : new JsonMapper().readTree(in)) {
        samples.add(
            new Sample(
                sample.path("name").stringValue(),
                sample.path("description").stringValue(),
                sample.path("source").stringValue(),
                Upload.Format.valueOf(sample.path("format").stringValue()),
                sample.path("file").stringValue()));
      }
      return List.copyOf(samples);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
