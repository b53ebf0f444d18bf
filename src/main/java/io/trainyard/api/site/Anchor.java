package io.trainyard.api.site;

import java.util.Locale;

/** Anchors of headings, which the links of generated pages need too. */
public final class Anchor {
  private Anchor() {}

  /** The anchor of a heading, as GitHub makes it. */
  public static String of(String heading) {
    return heading.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-');
  }
}
