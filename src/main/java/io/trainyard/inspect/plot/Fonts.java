package io.trainyard.inspect.plot;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The font of all pictures. It comes with the program: a slim image has none, and then Java cannot
 * draw any text. Pictures look the same on every machine.
 */
final class Fonts {
  /** Java's own name for the configured font. */
  static final String NAME;

  private static final String SETTING = "sun.awt.fontconfig";
  private static final String FILE = "DejaVuSans.ttf";

  static {
    if (System.getProperty(SETTING) == null) {
      System.setProperty(SETTING, configuration().toString());
    }
    NAME = "SansSerif";
  }

  private Fonts() {}

  /** Java reads which font to use from a file, before it draws its first text. */
  private static Path configuration() {
    try (InputStream font = Fonts.class.getResourceAsStream("/fonts/" + FILE)) {
      if (font == null) {
        throw new IllegalStateException("the program has no font " + FILE);
      }
      Path folder = Files.createTempDirectory("fonts");
      Path file = folder.resolve(FILE);
      Files.copy(font, file, StandardCopyOption.REPLACE_EXISTING);
      Path configuration = folder.resolve("fontconfig.properties");
      Files.writeString(
          configuration,
          """
          version=1
          allfonts.latin-1=DejaVu
          sequence.allfonts=latin-1
          filename.DejaVu=%s
          """
              .formatted(file));
      return configuration;
    } catch (IOException e) {
      throw new UncheckedIOException("The font for pictures cannot be unpacked", e);
    }
  }
}
