package io.aiopslab.tasks.api.web;

import java.math.BigDecimal;

/** Numbers that a double, and so JSON's other readers, can hold. */
final class StorableNumber {
  static final String RULE = "is a number outside of what a double can hold";

  /** The longest number that a double needs has 309 digits, written out. */
  private static final int MOST_DIGITS = 400;

  private static final int LARGEST_SCALE = 1000;

  private StorableNumber() {}

  static boolean isOne(BigDecimal number) {
    if (number.precision() > MOST_DIGITS || Math.abs((long) number.scale()) > LARGEST_SCALE) {
      return false;
    }
    double asDouble = number.doubleValue();
    return Double.isFinite(asDouble) && (asDouble != 0 || number.signum() == 0);
  }
}
