package io.trainyard.api.site;

import io.trainyard.api.EntityTag;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.springframework.http.MediaType;

/** The style, the scripts and the icon of the pages. A change of a file changes its path. */
final class SiteAssets {
  /**
   * One file.
   *
   * @param version of the content, as it stands in the path
   */
  record Asset(MediaType type, String version, String content) {}

  private static final Map<String, String> TYPES =
      Map.of(
          "site.css", "text/css",
          "theme.js", "text/javascript",
          "site.js", "text/javascript",
          "icon.svg", "image/svg+xml");
  private static final Map<String, Asset> ASSETS = new LinkedHashMap<>();

  static {
    TYPES.forEach((name, type) -> ASSETS.put(name, read(name, type)));
  }

  private SiteAssets() {}

  private static Asset read(String name, String type) {
    try (InputStream in = SiteAssets.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks " + name);
      }
      String content = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return new Asset(
          MediaType.parseMediaType(type + ";charset=UTF-8"),
          EntityTag.of(content).header().replace("\"", ""),
          content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where pages find it. */
  static String path(String name) {
    Asset asset = ASSETS.get(name);
    return "/docs/assets/" + name + (asset == null ? "" : "?v=" + asset.version());
  }

  static Optional<Asset> find(String name) {
    return Optional.ofNullable(ASSETS.get(name));
  }
}
