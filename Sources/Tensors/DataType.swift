/// The element types that safetensors names (all 22 of version 0.8); `rawValue` is the format's name.
package enum DataType: String, Sendable, CaseIterable {
  /// A type that a later version of the format may have: listed, never computed on.
  case unknown = ""
  case bool = "BOOL"
  case float4 = "F4"
  case float6E2M3 = "F6_E2M3"
  case float6E3M2 = "F6_E3M2"
  case uint8 = "U8"
  case int8 = "I8"
  case float8E5M2 = "F8_E5M2"
  case float8E4M3 = "F8_E4M3"
  case float8E8M0 = "F8_E8M0"
  case float8E4M3FNUZ = "F8_E4M3FNUZ"
  case float8E5M2FNUZ = "F8_E5M2FNUZ"
  case int16 = "I16"
  case uint16 = "U16"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case int32 = "I32"
  case uint32 = "U32"
  case float32 = "F32"
  case complex64 = "C64"
  case float64 = "F64"
  case int64 = "I64"
  case uint64 = "U64"

  /// Bits of one element; 0 where they are not known.
  package var bits: Int {
    switch self {
    case .unknown: 0
    case .float4: 4
    case .float6E2M3, .float6E3M2: 6
    case .bool, .uint8, .int8, .float8E5M2, .float8E4M3, .float8E8M0, .float8E4M3FNUZ,
      .float8E5M2FNUZ:
      8
    case .int16, .uint16, .float16, .bfloat16: 16
    case .int32, .uint32, .float32: 32
    case .complex64, .float64, .int64, .uint64: 64
    }
  }

  /// Whether elements can be turned into Float for computing.
  package var isComputable: Bool {
    switch self {
    case .float16, .bfloat16, .float32, .float64: true
    default: false
    }
  }
}

/// Products of dimensions that a stranger wrote.
enum CheckedProduct {
  /// The product, or `nil` where it exceeds what an Int holds. 1 for no dimensions.
  static func of(_ dimensions: [Int]) -> Int? {
    // A zero anywhere makes the product zero, however large the rest.
    if dimensions.contains(0) { return 0 }
    var product = 1
    for dimension in dimensions {
      let (value, overflow) = product.multipliedReportingOverflow(by: dimension)
      guard !overflow else { return nil }
      product = value
    }
    return product
  }
}
