import js from "@eslint/js";
import { createTypeScriptImportResolver } from "eslint-import-resolver-typescript";
import { importX } from "eslint-plugin-import-x";
import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import globals from "globals";
import { readdirSync } from "node:fs";
import tseslint from "typescript-eslint";

const featuresFolder = new URL("./src/features/", import.meta.url);
const features = readdirSync(featuresFolder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

// shared (components, lib, config) -> features -> app: nothing imports upwards, no feature knows another.
const zones = [
  { target: "./src/{components,lib,config}", from: ["./src/features", "./src/app"], message: "Shared code knows no feature." },
  { target: "./src/lib", from: "./src/components", message: "lib knows no components." },
  { target: "./src/features", from: "./src/app", message: "Features do not know the app." },
  ...features.map((name) => ({
    target: `./src/features/${name}`,
    from: "./src/features",
    except: [`./${name}`],
    message: "Features do not import each other: compose them in src/app.",
  })),
];

export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/lib/api/schema.ts"] },
  js.configs.recommended,
  {
    files: ["src/**/*.{ts,tsx}"],
    extends: [...tseslint.configs.strictTypeChecked, importX.flatConfigs.recommended, importX.flatConfigs.typescript],
    plugins: { "jsx-a11y": jsxA11y, "react-hooks": reactHooks },
    languageOptions: {
      globals: globals.browser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    settings: { "import-x/resolver-next": [createTypeScriptImportResolver({ project: "./tsconfig.json" })] },
    rules: {
      ...jsxA11y.flatConfigs.strict.rules,
      ...reactHooks.configs.recommended.rules,
      "import-x/no-restricted-paths": ["error", { basePath: import.meta.dirname, zones }],
      "import-x/no-cycle": "error",
      "import-x/order": ["error", { "newlines-between": "never", alphabetize: { order: "asc" } }],
      "import-x/no-named-as-default-member": "off",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "no-restricted-globals": ["error", { name: "eval", message: "The content security policy forbids it." }],
      "max-lines": ["error", { max: 400 }],
      "no-console": "error",
    },
  },
  { files: ["scripts/**/*.mjs", "*.js", "public/*.js"], languageOptions: { globals: { ...globals.node, ...globals.browser } } },
);
