package io.trainyard.api.site;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Source as HTML whose comments, texts, numbers and names are marked. It knows just enough of each
 * language to be read better; what it does not know stays as it is.
 */
final class CodeColours {
  private static final String DOUBLE = "\"[^\"\\\\\\n]*+(?:\\\\.[^\"\\\\\\n]*+)*+\"";
  private static final String SINGLE = "'[^'\\\\\\n]*+(?:\\\\.[^'\\\\\\n]*+)*+'";
  private static final String NUMBER =
      "(?<![\\w.])-?\\d[\\d_]*+(?:\\.\\d++)?(?:[eE][+-]?\\d++)?\\b";
  private static final String HASH = "(?m)(?:^|(?<=\\s))#.*+$";

  /** Groups: a comment, a text, a name, a number. */
  private static final Map<String, Pattern> LANGUAGES =
      Map.of(
          "json",
          pattern("(?!)", DOUBLE + "(?!\\s*+:)", DOUBLE + "|\\b(?:true|false|null)\\b", NUMBER),
          // A text in single quotes that is JSON is coloured as such, and so is one between two
          // words JSON or EOF.
          "sh",
          pattern(
              HASH,
              "(?<=<<'(?:JSON|EOF)'\n)[{\\[][\\s\\S]*?(?=\n(?:JSON|EOF)(?:\n|$))"
                  + "|'[^']*+'|\"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\"",
              "(?m)(?:^ *|(?<=\\| )|(?<=\\$\\()|(?<=&& ))[a-z][\\w./-]*+(?=\\s|$)|\\$\\{?[A-Z_]++\\}?",
              "(?!)"),
          "python",
          pattern(
              HASH,
              "\"\"\"[\\s\\S]*?\"\"\"|" + DOUBLE + "|" + SINGLE,
              "\\b(?:and|as|assert|class|def|del|elif|else|except|False|finally|for|from|if|import|in|is"
                  + "|lambda|None|not|or|raise|return|True|try|while|with|yield)\\b",
              NUMBER),
          "java",
          pattern(
              "//.*+|/\\*[\\s\\S]*?\\*/",
              DOUBLE + "|" + SINGLE,
              "@\\w++|\\b(?:boolean|case|catch|class|double|else|extends|final|float|for|if|implements|import"
                  + "|int|long|new|null|package|private|public|record|return|static|switch|this|throw"
                  + "|throws|try|var|void|while)\\b",
              NUMBER),
          "yaml",
          pattern(HASH, DOUBLE + "|" + SINGLE, "(?m)^[ -]*+[\\w.-]++(?=:)", NUMBER));

  private static final String[] KINDS = {"comment", "text", "name", "number"};

  private CodeColours() {}

  private static Pattern pattern(String comment, String text, String name, String number) {
    return Pattern.compile("(%s)|(%s)|(%s)|(%s)".formatted(comment, text, name, number));
  }

  /** The code, escaped, with marks where the language is known. */
  static String html(String language, String code) {
    Pattern pattern = LANGUAGES.get(language);
    if (pattern == null) {
      return PageLayout.escape(code);
    }
    StringBuilder html = new StringBuilder();
    Matcher found = pattern.matcher(code);
    int at = 0;
    while (found.find()) {
      html.append(PageLayout.escape(code.substring(at, found.start())));
      html.append(marked(language, found));
      at = found.end();
    }
    return html.append(PageLayout.escape(code.substring(at))).toString();
  }

  private static String marked(String language, Matcher found) {
    String words = found.group();
    if (language.equals("sh") && words.startsWith("'{")) {
      return "'" + html("json", words.substring(1, words.length() - 1)) + "'";
    }
    if (language.equals("sh") && (words.startsWith("{") || words.startsWith("["))) {
      return html("json", words);
    }
    int kind = 0;
    while (found.group(kind + 1) == null) {
      kind++;
    }
    return "<span class=\"%s\">%s</span>".formatted(KINDS[kind], PageLayout.escape(words));
  }
}
