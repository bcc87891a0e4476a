; Inno Setup 6: makes build\dist\tlstudio-VERSION-windows-setup.exe of the folder that tlstudio.spec made.
;   iscc /DVersion=VERSION packaging\windows.iss
; For one person and without an administrator unless asked for otherwise. Not run so far; see packaging\README.md.
#ifndef Version
  #error give the version: iscc /DVersion=... packaging\windows.iss
#endif

[Setup]
AppId={{9F0B6A52-6B0F-4B57-9B0E-6E2B7C3C51D4}
AppName=TLStudio
AppVersion={#Version}
AppVerName=TLStudio {#Version}
VersionInfoVersion={#Version}
DefaultDirName={autopf}\TLStudio
DefaultGroupName=TLStudio
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
SourceDir=..
OutputDir=build\dist
OutputBaseFilename=tlstudio-{#Version}-windows-setup
SetupIconFile=build\icons\tlstudio.ico
UninstallDisplayIcon={app}\tlstudio.exe
Compression=lzma2/max
SolidCompression=yes
ChangesAssociations=yes
ChangesEnvironment=yes
DisableProgramGroupPage=yes
WizardStyle=modern
ShowLanguageDialog=auto

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"
#ifexist "compiler:Languages\ChineseSimplified.isl"
Name: "zh"; MessagesFile: "compiler:Languages\ChineseSimplified.isl"
#endif

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked

[InstallDelete]
; Modules of an older version must not be found by a newer one.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "build\dist\tlstudio\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs

[Icons]
Name: "{autoprograms}\TLStudio"; Filename: "{app}\tlstudio.exe"
Name: "{autodesktop}\TLStudio"; Filename: "{app}\tlstudio.exe"; Tasks: desktopicon

[Registry]
Root: HKA; Subkey: "Software\Classes\.tlstudio"; ValueType: string; ValueData: "TLStudio.Project"; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\Classes\.tlstudio"; ValueType: string; ValueName: "Content Type"; ValueData: "application/x-tlstudio"
Root: HKA; Subkey: "Software\Classes\TLStudio.Project"; ValueType: string; ValueData: "TLStudio project"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\TLStudio.Project\DefaultIcon"; ValueType: string; ValueData: "{app}\tlstudio.exe,0"
Root: HKA; Subkey: "Software\Classes\TLStudio.Project\shell\open\command"; ValueType: string; ValueData: """{app}\tlstudio.exe"" ""%1"""
Root: HKA; Subkey: "Software\Microsoft\Windows\CurrentVersion\App Paths\tlstudio-cli.exe"; ValueType: string; ValueData: "{app}\tlstudio-cli.exe"; Flags: uninsdeletekey

[Run]
Filename: "{app}\tlstudio.exe"; Description: "{cm:LaunchProgram,TLStudio}"; Flags: nowait postinstall skipifsilent
